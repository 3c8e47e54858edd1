// A named part of an output row, as descriptions and headers tell it.
#ifndef COMPILER_EMIT_PART_H
#define COMPILER_EMIT_PART_H

#include <cstdint>
#include <string>

namespace emit {

/// The values of a tc_part (runtime/abi.h).
struct Part {
  std::string name;
  uint32_t first = 0, size = 0; ///< columns
};

} // namespace emit

#endif // COMPILER_EMIT_PART_H
