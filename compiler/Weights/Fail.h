// One way to say that something is wrong: a formatted llvm::Error.
#ifndef COMPILER_WEIGHTS_FAIL_H
#define COMPILER_WEIGHTS_FAIL_H

#include "llvm/Support/Error.h"

#include <fmt/format.h>

namespace weights {

template <typename... Args>
llvm::Error fail(fmt::format_string<Args...> format, Args &&...args) {
  return llvm::createStringError(
      llvm::inconvertibleErrorCode(), "%s",
      fmt::format(format, std::forward<Args>(args)...).c_str());
}

/// "[2, 3]", as shapes are shown in messages.
template <typename Range> std::string showShape(const Range &dims) {
  std::string text = "[";
  for (auto dim : dims)
    text += fmt::format("{}{}", text.size() > 1 ? ", " : "", dim);
  return text + "]";
}

} // namespace weights

#endif // COMPILER_WEIGHTS_FAIL_H
