// Printable bytes of Latin-1 spell themselves; the others, in order, are the
// characters from U+0100 on.
#include "compiler/Text/ByteLevel.h"

#include <array>

namespace text {
namespace {

constexpr int spellings = 256 + 68;

bool isPrintable(int byte) {
  return (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xAC) ||
         byte >= 0xAE;
}

/// The byte of each character up to U+0143; -1: none.
std::array<int, spellings> makeBytes() {
  std::array<int, spellings> bytes;
  bytes.fill(-1);
  int next = 256;
  for (int byte = 0; byte < 256; ++byte)
    bytes[isPrintable(byte) ? byte : next++] = byte;
  return bytes;
}

} // namespace

std::optional<std::string> spelledBytes(llvm::StringRef token) {
  const std::array<int, spellings> bytes = makeBytes();
  std::string result;
  for (size_t i = 0; i < token.size(); ++i) {
    unsigned character = (unsigned char)token[i];
    if (character >= 0x80) { // all spellings have at most two bytes
      if (character >= 0xE0 || i + 1 == token.size())
        return std::nullopt;
      character = (character & 0x1F) << 6 | (token[++i] & 0x3F);
    }
    if (character >= spellings || bytes[character] < 0)
      return std::nullopt;
    result += char(bytes[character]);
  }
  return result;
}

} // namespace text
