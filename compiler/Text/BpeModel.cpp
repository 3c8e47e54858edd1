// Checks every id and every merge against the vocabulary.
#include "compiler/Text/BpeModel.h"
#include "compiler/Text/ByteLevel.h"
#include "compiler/Text/ScoreMerges.h"

#include "compiler/Weights/Fail.h"

using namespace llvm;
using weights::fail;

namespace text {
namespace {

Error checkId(StringRef name, StringRef token, int64_t id) {
  if (id < 0 || id >= maxIds)
    return fail("{}: token '{}' has id {}, expected 0 to {}", name.str(),
                token.str(), id, maxIds - 1);
  return Error::success();
}

std::string &textOf(Tokenizer &tokenizer, int64_t id) {
  if (id >= int64_t(tokenizer.texts.size()))
    tokenizer.texts.resize(id + 1);
  return tokenizer.texts[id];
}

/// Text of a token, and whether texts are made of it.
std::pair<std::string, bool> readSpelling(Spelling spelling, StringRef token) {
  switch (spelling) {
  case Spelling::Plain:
    return {token.str(), true};
  case Spelling::Spaces:
    return {withSpaces(token), !token.contains(' ')};
  case Spelling::WordPieces:
    if (token.consume_front("##"))
      return {token.str(), true};
    return {" " + token.str(), true};
  case Spelling::Bytes:
    if (std::optional<std::string> bytes = spelledBytes(token))
      return {*bytes, true};
    return {token.str(), false};
  }
  llvm_unreachable("every spelling is covered");
}

Error addToken(StringRef name, const BpeModel &model, StringRef token,
               int64_t id, std::vector<bool> &taken, Tokenizer &tokenizer) {
  if (Error error = checkId(name, token, id))
    return error;
  std::string &text = textOf(tokenizer, id);
  if (id >= int64_t(taken.size()))
    taken.resize(id + 1);
  if (taken[id])
    return fail("{}: id {} is given to '{}' and to '{}'", name.str(), id, text,
                token.str());
  taken[id] = true;
  if (model.bytePieces)
    if (std::optional<uint8_t> byte = bytePiece(token)) {
      text = std::string(1, char(*byte));
      tokenizer.byteIds[*byte] = id;
      return Error::success();
    }
  auto [spelt, isWord] = readSpelling(model.spelling, token);
  text = spelt;
  if (isWord && !text.empty())
    tokenizer.words.push_back(id);
  if (isWord && text.size() == 1 && model.spelling == Spelling::Bytes)
    tokenizer.byteIds[(unsigned char)text[0]] = id;
  return Error::success();
}

Expected<int32_t> idOf(StringRef name, const BpeModel &model, StringRef token,
                       StringRef left, StringRef right) {
  if (auto entry = model.ids.find(token); entry != model.ids.end())
    return int32_t(entry->second);
  return fail("{}: merge '{} {}' needs token '{}', which is not in the "
              "vocabulary",
              name.str(), left.str(), right.str(), token.str());
}

} // namespace

Error readIds(StringRef name, const json::Object &vocab, BpeModel &model) {
  for (const auto &[token, value] : vocab) {
    std::optional<int64_t> id = value.getAsInteger();
    if (!id)
      return fail("{}: token '{}' has no whole number for an id", name.str(),
                  StringRef(token).str());
    model.ids[token] = *id;
  }
  return Error::success();
}

Error addModel(StringRef name, const BpeModel &model, Tokenizer &tokenizer) {
  std::vector<bool> taken;
  std::vector<std::pair<int64_t, StringRef>> tokens;
  for (const auto &entry : model.ids)
    tokens.emplace_back(entry.second, entry.first());
  llvm::sort(tokens); // the file's order must not matter
  for (auto [id, token] : tokens)
    if (Error error = addToken(name, model, token, id, taken, tokenizer))
      return error;
  for (auto [left, right] : model.merges) {
    Merge merge;
    merge.rank = tokenizer.merges.size();
    std::pair<StringRef, int32_t *> parts[] = {{left, &merge.left},
                                               {right, &merge.right}};
    for (auto [token, to] : parts) {
      Expected<int32_t> id = idOf(name, model, token, left, right);
      if (!id)
        return id.takeError();
      *to = *id;
    }
    Expected<int32_t> result =
        idOf(name, model, (left + right).str(), left, right);
    if (!result)
      return result.takeError();
    merge.result = *result;
    tokenizer.merges.push_back(merge);
  }
  return Error::success();
}

Error addAddedToken(StringRef name, int64_t id, StringRef content,
                    uint32_t flags, Tokenizer &tokenizer) {
  if (Error error = checkId(name, content, id))
    return error;
  if (content.empty())
    return fail("{}: the added token with id {} is empty", name.str(), id);
  textOf(tokenizer, id) = content.str();
  tokenizer.added.push_back({int32_t(id), flags});
  return Error::success();
}

Expected<std::pair<StringRef, StringRef>> splitMerge(StringRef name,
                                                     StringRef line) {
  auto [left, right] = line.split(' ');
  if (left.empty() || right.empty() || right.contains(' '))
    return fail("{}: merge '{}' is not two tokens with a space between",
                name.str(), line.str());
  return std::pair(left, right);
}

} // namespace text
