// The wire format of protocol buffers, read field by field.
#ifndef COMPILER_TEXT_WIREREADER_H
#define COMPILER_TEXT_WIREREADER_H

#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/bit.h"

#include <cstdint>
#include <optional>

namespace text {

struct WireField {
  uint64_t number = 0;
  uint64_t value = 0;    ///< of a number
  llvm::StringRef bytes; ///< of a string or message

  float asFloat() const { return llvm::bit_cast<float>(uint32_t(value)); }
};

class WireReader {
public:
  explicit WireReader(llvm::StringRef bytes) : rest(bytes) {}

  /// The next field; none at the end or where the format is broken.
  std::optional<WireField> next();
  /// True if the end was reached.
  bool isDone() const { return rest.empty() && !broken; }

private:
  std::optional<uint64_t> varint();
  std::optional<uint64_t> fixed(size_t bytes);

  llvm::StringRef rest;
  bool broken = false;
};

} // namespace text

#endif // COMPILER_TEXT_WIREREADER_H
