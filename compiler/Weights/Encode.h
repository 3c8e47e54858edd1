// Panels of floats in the formats of a weights file.
#ifndef COMPILER_WEIGHTS_ENCODE_H
#define COMPILER_WEIGHTS_ENCODE_H

#include "compiler/Weights/Layout.h"

namespace weights {

/// To the nearest, ties to even; a NaN stays one.
uint16_t toBf16(float value);
/// Of a finite value: to the nearest, ties to even, subnormals too; beyond the
/// largest f16 that one.
uint16_t toF16(float value);

/// Columns of a panel with those that fill up its last dword or group.
int64_t paddedCols(Format format, int64_t cols);
/// Bytes that a panel of so many rows takes.
int64_t panelBytes(Format format, int64_t cols, int64_t panel);

/// Encodes the floats [paddedCols][panel], zero beyond `cols`, as Format says;
/// not for F32, whose floats are it. False if a value is not finite, or too
/// large for the format's scales.
///
/// The scale of a group is the f16 that leaves the least squared error among
/// some: the largest magnitude over 127, 126, ..., 120 for int8; for int4 the
/// value of largest magnitude over -8, 7, some steps around them and 6, 5, 4;
/// and at last the scale that fits the best one's integers by least squares.
/// Where all of these lose something and the values are q * scale for some f16
/// and q in -128..127 (int8) or -8..7 (int4), as the blocks of GGUF's Q8_0 and
/// Q4_0 are, they come out unchanged.
bool encodePanel(Format format, const float *values, int64_t cols,
                 int64_t panel, char *out);

} // namespace weights

#endif // COMPILER_WEIGHTS_ENCODE_H
