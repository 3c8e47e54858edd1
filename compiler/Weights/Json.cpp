// JSON from files that nobody vouches for.
#include "compiler/Weights/Json.h"
#include "compiler/Weights/Fail.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringSet.h"

using namespace llvm;

namespace weights {
namespace {

constexpr size_t maxDepth = 64;
constexpr size_t maxValues = size_t(1) << 22;

/// The end of the string that opens at `begin`, past its closing quote.
size_t endOfString(StringRef text, size_t begin) {
  for (size_t i = begin + 1; i < text.size(); ++i) {
    if (text[i] == '\\')
      ++i;
    else if (text[i] == '"')
      return i + 1;
  }
  return text.size();
}

/// A key without its escapes, so that "a" and "\u0061" are one key.
std::string plainKey(StringRef quoted) {
  if (quoted.contains('\\')) {
    Expected<json::Value> value = json::parse(quoted);
    if (value) {
      std::optional<StringRef> plain = value->getAsString();
      return plain ? plain->str() : quoted.str();
    }
    consumeError(value.takeError());
  }
  return quoted.drop_front().drop_back().str();
}

/// Only what the parser doesn't see; everything else is left to it.
Error scan(StringRef text, StringRef file) {
  SmallVector<StringSet<>> keys; // of each open bracket
  size_t values = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '{' || c == '[') {
      if (keys.size() == maxDepth)
        return fail("{}: nested deeper than {} levels", file.str(), maxDepth);
      keys.emplace_back();
      ++values;
    } else if (c == '}' || c == ']') {
      if (!keys.empty())
        keys.pop_back();
    } else if (c == ',') {
      ++values;
    } else if (c == '"') {
      size_t end = endOfString(text, i);
      size_t next = text.find_first_not_of(" \t\r\n", end);
      if (next != StringRef::npos && text[next] == ':' && !keys.empty()) {
        std::string key = plainKey(text.slice(i, end));
        if (!keys.back().insert(key).second)
          return fail("{}: key '{}' occurs twice", file.str(), key);
      }
      i = end - 1;
    }
    if (values > maxValues)
      return fail("{}: more than {} values", file.str(), maxValues);
  }
  return Error::success();
}

} // namespace

Expected<json::Value> parseJson(StringRef text, StringRef file) {
  if (Error error = scan(text, file))
    return error;
  Expected<json::Value> value = json::parse(text);
  if (!value)
    return fail("{}: not JSON: {}", file.str(), toString(value.takeError()));
  return value;
}

} // namespace weights
