// The content says which reader is the right one; names are only for finding.
#include "compiler/Text/Convert.h"
#include "compiler/Text/TextPipeline.h"
#include "compiler/Text/Tokenizer.h"

#include "compiler/Weights/Fail.h"
#include "compiler/Weights/Gguf.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace llvm;
using weights::fail;

namespace text {
namespace {

constexpr std::pair<StringRef, StringRef> pairs[] = {
    {"vocab.json", "merges.txt"}, {"encoder.json", "vocab.bpe"}};

std::string beside(StringRef path, StringRef name) {
  SmallString<128> result(sys::path::parent_path(path));
  sys::path::append(result, name);
  return result.str().str();
}

Expected<std::unique_ptr<MemoryBuffer>> load(StringRef path) {
  auto buffer = MemoryBuffer::getFile(path, /*IsText=*/false,
                                      /*RequiresNullTerminator=*/false);
  if (!buffer)
    return fail("{}: {}", path.str(), buffer.getError().message());
  return std::move(*buffer);
}

Expected<Tokenizer> readPair(StringRef vocab, StringRef merges) {
  Expected<std::unique_ptr<MemoryBuffer>> first = load(vocab);
  if (!first)
    return first.takeError();
  Expected<std::unique_ptr<MemoryBuffer>> second = load(merges);
  if (!second)
    return second.takeError();
  return readVocabAndMerges(vocab, (*first)->getBuffer(), merges,
                            (*second)->getBuffer());
}

/// Given one half of GPT-2's pair, reads both.
Expected<Tokenizer> readEitherHalf(StringRef path, bool isVocab) {
  for (auto [vocab, merges] : pairs) {
    std::string other = beside(path, isVocab ? merges : vocab);
    if (sys::fs::exists(other))
      return isVocab ? readPair(path, other) : readPair(other, path);
  }
  return fail("{}: {} beside it is missing", path.str(),
              isVocab ? "the list of merges (merges.txt or vocab.bpe)"
                      : "the vocabulary (vocab.json or encoder.json)");
}

/// tokenizer.json has an object "model"; in a bare vocabulary every value is a
/// number.
bool isBareVocabulary(StringRef json) {
  constexpr StringRef key = "\"model\"";
  for (size_t at = json.find(key); at != StringRef::npos;
       at = json.find(key, at + 1)) {
    StringRef value = json.substr(at + key.size()).ltrim();
    if (value.consume_front(":") && !value.ltrim().empty() &&
        !isDigit(value.ltrim().front()))
      return false;
  }
  return true;
}

/// A line of tiktoken's format: base64, a space, a number.
bool isTiktoken(StringRef content) {
  auto [token, rank] = content.split('\n').first.rtrim().split(' ');
  return !token.empty() && !rank.empty() &&
         token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmno"
                                 "pqrstuvwxyz0123456789+/=") ==
             StringRef::npos &&
         rank.find_first_not_of("0123456789") == StringRef::npos;
}

Expected<Tokenizer> readAny(StringRef path) {
  Expected<std::unique_ptr<MemoryBuffer>> buffer = load(path);
  if (!buffer)
    return buffer.takeError();
  StringRef content = (*buffer)->getBuffer();
  if (content.empty())
    return fail("{}: the file is empty", path.str());
  if (weights::isGguf(content))
    return readGgufTokenizer(path, content);
  if (content.ltrim().starts_with("{"))
    return isBareVocabulary(content) ? readEitherHalf(path, true)
                                     : readTokenizerJson(path, content);
  if (content.starts_with("#version"))
    return readEitherHalf(path, false);
  if (isLlama2c(content))
    return readLlama2c(path, content);
  if (content.starts_with("\n"))
    return readSentencePiece(path, content);
  if (isBertVocabulary(content))
    return readBertVocabulary(path, content);
  if (isTiktoken(content))
    return fail("{}: a tiktoken vocabulary, which is not supported; use the "
                "tokenizer.json of the same model",
                path.str());
  return fail("{}: not a tokenizer of a known format", path.str());
}

Error checkVocabulary(StringRef path, const Tokenizer &tokenizer,
                      int64_t vocab) {
  auto check = [&](int64_t id) -> Error {
    if (id < vocab)
      return Error::success();
    return fail("{}: token '{}' has id {}, the model has {} ids", path.str(),
                tokenizer.texts[id], id, vocab);
  };
  for (int32_t id : tokenizer.words)
    if (Error error = check(id))
      return error;
  for (const AddedToken &token : tokenizer.added)
    if (Error error = check(token.id))
      return error;
  return Error::success();
}

bool isGgufFile(StringRef path) { return path.ends_with(".gguf"); }

/// A GGUF file is its own tokenizer, if it has one.
bool holdsTokenizer(StringRef path) {
  auto buffer = load(path);
  if (buffer)
    return hasGgufTokenizer((*buffer)->getBuffer());
  consumeError(buffer.takeError());
  return false;
}

/// Other models have other files of that name.
bool holdsBertVocabulary(StringRef path) {
  auto buffer = load(path);
  if (buffer)
    return isBertVocabulary((*buffer)->getBuffer());
  consumeError(buffer.takeError());
  return false;
}

/// The only file named tok*.bin in the directory.
std::optional<std::string> onlyTokBin(StringRef directory) {
  std::optional<std::string> found;
  std::error_code error;
  for (sys::fs::directory_iterator entry(directory, error), end;
       !error && entry != end; entry.increment(error)) {
    StringRef name = sys::path::filename(entry->path());
    if (!name.starts_with("tok") || !name.ends_with(".bin"))
      continue;
    if (found)
      return std::nullopt;
    found = entry->path();
  }
  return found;
}

} // namespace

Expected<std::string> convertTokenizer(StringRef path, int64_t vocab) {
  std::string file = path.str();
  if (sys::fs::is_directory(path)) {
    std::optional<std::string> found = findTokenizer(path);
    if (!found)
      return fail("{}: no tokenizer in this directory", path.str());
    file = *found;
  }
  Expected<Tokenizer> tokenizer = readAny(file);
  if (!tokenizer)
    return tokenizer.takeError();
  // A GGUF file says it itself, and what lies beside it is of other models.
  if (!isGgufFile(file))
    if (Error error = readBeginAndEnd(sys::path::parent_path(file), *tokenizer))
      return error;
  if (vocab > 0)
    if (Error error = checkVocabulary(file, *tokenizer, vocab))
      return error;
  return writeBlob(*tokenizer);
}

std::optional<std::string> findTokenizer(StringRef directoryOrFile) {
  if (isGgufFile(directoryOrFile) && holdsTokenizer(directoryOrFile))
    return directoryOrFile.str();
  SmallString<128> directory(directoryOrFile);
  if (!sys::fs::is_directory(directory))
    sys::path::remove_filename(directory);
  auto at = [&](StringRef name) {
    SmallString<128> path(directory);
    sys::path::append(path, name);
    return path.str().str();
  };
  for (StringRef name : {"tokenizer.json", "tokenizer.model", "tokenizer.bin"})
    if (sys::fs::exists(at(name)))
      return at(name);
  for (auto [vocab, merges] : pairs)
    if (sys::fs::exists(at(vocab)) && sys::fs::exists(at(merges)))
      return at(vocab);
  if (holdsBertVocabulary(at("vocab.txt")))
    return at("vocab.txt");
  return onlyTokBin(directory.empty() ? "." : directory.str());
}

} // namespace text
