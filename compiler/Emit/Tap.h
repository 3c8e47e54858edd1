// What a model hands out beside its output.
#ifndef COMPILER_EMIT_TAP_H
#define COMPILER_EMIT_TAP_H

#include <cstdint>
#include <string>

namespace emit {

/// The values of a tc_tap (runtime/abi.h).
struct Tap {
  std::string name;
  uint32_t rounds = 1, heads = 0, columns = 0, made = 0;
};

} // namespace emit

#endif // COMPILER_EMIT_TAP_H
