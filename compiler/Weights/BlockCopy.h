// Moves values between a strided tensor of any float type and a strided block
// of floats, at memory speed whichever of the two is transposed.
#ifndef COMPILER_WEIGHTS_BLOCKCOPY_H
#define COMPILER_WEIGHTS_BLOCKCOPY_H

#include "compiler/Weights/TensorFile.h"

namespace weights {

/// Element (r, c) is at data + (r * rowStride + c * colStride) elements.
struct View {
  const char *data = nullptr;
  DType dtype = DType::F32; ///< neither Blocks nor Other
  int64_t rows = 0, cols = 0;
  int64_t rowStride = 0, colStride = 1;
};

/// Element (r, c) goes to data[r * rowStride + c * colStride].
struct Block {
  float *data = nullptr;
  int64_t rowStride = 0, colStride = 1;
};

/// Rows [begin, begin + count) of `view`, all columns.
void copyRows(const View &view, int64_t begin, int64_t count,
              const Block &block);

/// Bytes of one element; 0 for Blocks and Other.
int64_t elementBytes(DType dtype);

} // namespace weights

#endif // COMPILER_WEIGHTS_BLOCKCOPY_H
