// Quantised values in blocks, as GGUF files hold them: every block has its own
// scales and decodes alone.
#ifndef COMPILER_WEIGHTS_BLOCKS_H
#define COMPILER_WEIGHTS_BLOCKS_H

#include "llvm/ADT/StringRef.h"

#include <cstdint>

namespace weights {

struct BlockFormat {
  llvm::StringRef name;
  int64_t values, bytes; ///< of a block
  void (*decode)(const char *block, float *values);
};

/// "Q4_K" and the like; null for types that we don't decode.
const BlockFormat *findBlockFormat(llvm::StringRef name);

/// Decodes `count` values from value `begin` on; `data` is where value 0 is.
void decodeBlocks(const BlockFormat &format, const char *data, int64_t begin,
                  int64_t count, float *values);

/// IEEE half precision.
float halfToFloat(uint16_t bits);

} // namespace weights

#endif // COMPILER_WEIGHTS_BLOCKS_H
