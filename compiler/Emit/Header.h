// The C header of a compiled model: its sizes as constants and a handful of
// functions named after it, thin wrappers of the runtime's.
#ifndef COMPILER_EMIT_HEADER_H
#define COMPILER_EMIT_HEADER_H

#include "compiler/Emit/Part.h"
#include "compiler/Emit/Tap.h"
#include "runtime/abi.h"

#include <cstdint>
#include <string>
#include <vector>

namespace emit {

/// What the header tells; the values of the object's tc_model.
struct HeaderInfo {
  std::string name;   ///< C identifier, prefix of everything
  std::string source; ///< what was compiled, as a file name; may be empty
  std::string target; ///< triple and CPU
  tc_input input = TC_INPUT_TOKENS;
  tc_causality causal = TC_WHOLE;
  bool pooled = false, recurrent = false;
  uint32_t vocab = 0, context = 0, maxRows = 0, outputDim = 0;
  std::vector<int64_t> inputShape; ///< of real-valued input, or of its rows
  uint32_t rowsPerInput = 0;       ///< out of real-valued input that is no rows
  bool makesOtherRows = false;     ///< a sequence's come out as another number
  uint32_t types = 0, typedRows = 0; ///< of rows; of an image, that have them
  std::vector<Tap> taps;             ///< the encoder's last
  uint32_t sourceTaps = 0;           ///< of an encoder-decoder's encoder
  uint64_t parameters = 0;
  uint64_t weightsBytes = 0, cacheBytes = 0, scratchBytes = 0;
  uint32_t queries = 0; ///< rows of a decoder without an input
  std::vector<Part> parts;
  /// Of encoder-decoders whose sessions have sources.
  uint32_t sourceVocab = 0, sourceContext = 0;
  tc_input sourceInput = TC_INPUT_TOKENS;
  std::vector<int64_t> sourceShape;
};

/// The text of NAME.h: C99, C11 and C++11. Depends on nothing but `info`.
std::string writeHeader(const HeaderInfo &info);

} // namespace emit

#endif // COMPILER_EMIT_HEADER_H
