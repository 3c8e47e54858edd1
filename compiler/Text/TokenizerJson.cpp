// Hugging Face's tokenizer.json: a model of ids and merges, tokens added to it,
// and the steps around it.
#include "compiler/Text/TextPipeline.h"
#include "compiler/Text/Unigram.h"

#include "compiler/Weights/Fail.h"
#include "compiler/Weights/Json.h"

using namespace llvm;
using weights::fail;

namespace text {
namespace {

Error checkWordPiece(StringRef name, const json::Object &model) {
  if (model.getString("continuing_subword_prefix").value_or("##") != "##")
    return fail("{}: continuing_subword_prefix '{}' is not supported, expected "
                "'##'",
                name.str(),
                model.getString("continuing_subword_prefix")->str());
  if (model.getInteger("max_input_chars_per_word").value_or(100) != 100)
    return fail("{}: max_input_chars_per_word: expected 100", name.str());
  if (!model.getObject("vocab"))
    return fail("{}: the tokenizer model has no object 'vocab'", name.str());
  return Error::success();
}

/// Settings that change what the merges mean.
Error checkModel(StringRef name, const json::Object &model) {
  bool looksLikeBpe = model.get("merges");
  StringRef type =
      model.getString("type").value_or(looksLikeBpe ? "BPE" : "without type");
  if (type == "WordPiece")
    return checkWordPiece(name, model);
  if (type == "Unigram")
    return Error::success();
  if (type != "BPE")
    return fail("{}: tokenizer model {} is not supported, expected BPE, "
                "WordPiece or Unigram",
                name.str(), type.str());
  for (StringRef key : {"continuing_subword_prefix", "end_of_word_suffix"})
    if (!model.getString(key).value_or("").empty())
      return fail("{}: {} '{}' is not supported", name.str(), key.str(),
                  model.getString(key)->str());
  if (model.getNumber("dropout").value_or(0) != 0)
    return fail("{}: a tokenizer with dropout is not supported", name.str());
  if (!model.getObject("vocab"))
    return fail("{}: the tokenizer model has no object 'vocab'", name.str());
  return Error::success();
}

/// "left right" or ["left", "right"].
Error readMerges(StringRef name, const json::Object &object, BpeModel &model) {
  const json::Array *merges = object.getArray("merges");
  if (!merges)
    return fail("{}: the tokenizer model has no list 'merges'", name.str());
  for (const json::Value &value : *merges) {
    if (std::optional<StringRef> line = value.getAsString()) {
      auto merge = splitMerge(name, *line);
      if (!merge)
        return merge.takeError();
      model.merges.push_back(*merge);
      continue;
    }
    const json::Array *pair = value.getAsArray();
    if (!pair || pair->size() != 2 || !(*pair)[0].getAsString() ||
        !(*pair)[1].getAsString())
      return fail("{}: a merge is not a pair of tokens", name.str());
    model.merges.emplace_back(*(*pair)[0].getAsString(),
                              *(*pair)[1].getAsString());
  }
  return Error::success();
}

Error readUnknown(StringRef name, const json::Object &model,
                  Tokenizer &tokenizer) {
  std::optional<StringRef> token = model.getString("unk_token");
  if (!token)
    return Error::success();
  std::optional<int64_t> id = model.getObject("vocab")->getInteger(*token);
  if (!id)
    return fail("{}: unk_token '{}' is not in the vocabulary", name.str(),
                token->str());
  tokenizer.unknown = *id;
  return Error::success();
}

Error addWordsAndMerges(StringRef name, const json::Object &object,
                        Spelling spelling, Tokenizer &tokenizer) {
  BpeModel model;
  if (Error error = readIds(name, *object.getObject("vocab"), model))
    return error;
  model.spelling = spelling;
  model.bytePieces = object.getBoolean("byte_fallback").value_or(false);
  if (object.getBoolean("fuse_unk").value_or(false))
    tokenizer.flags |= TC_TOKENIZER_FUSE_UNKNOWN;
  if (object.getBoolean("ignore_merges").value_or(false))
    tokenizer.flags |= TC_TOKENIZER_WHOLE_WORDS;
  bool pieces = tokenizer.flags & TC_TOKENIZER_WORD_PIECES;
  if (pieces)
    model.spelling = Spelling::WordPieces;
  else if (Error error = readMerges(name, object, model))
    return error;
  if (Error error = addModel(name, model, tokenizer))
    return error;
  return readUnknown(name, object, tokenizer);
}

Error readAdded(StringRef name, const json::Object &file,
                Tokenizer &tokenizer) {
  const json::Array *tokens = file.getArray("added_tokens");
  if (!tokens)
    return Error::success();
  for (const json::Value &value : *tokens) {
    const json::Object *token = value.getAsObject();
    std::optional<int64_t> id;
    std::optional<StringRef> content;
    if (token) {
      id = token->getInteger("id");
      content = token->getString("content");
    }
    if (!id || !content)
      return fail("{}: an added token has no id or no content", name.str());
    if (token->getBoolean("single_word").value_or(false))
      return fail("{}: added token '{}' with single_word is not supported",
                  name.str(), content->str());
    uint32_t flags = 0;
    if (token->getBoolean("lstrip").value_or(false))
      flags |= TC_ADDED_STRIP_LEFT;
    if (token->getBoolean("rstrip").value_or(false))
      flags |= TC_ADDED_STRIP_RIGHT;
    if (Error error = addAddedToken(name, *id, *content, flags, tokenizer))
      return error;
  }
  return Error::success();
}

Error checkOpening(StringRef name, const Tokenizer &tokenizer) {
  std::vector<int32_t> ids = tokenizer.opening;
  ids.insert(ids.end(), tokenizer.closing.begin(), tokenizer.closing.end());
  for (int32_t id : ids)
    if (id >= int64_t(tokenizer.texts.size()))
      return fail("{}: post_processor adds id {}, the vocabulary has {}",
                  name.str(), id, tokenizer.texts.size());
  return Error::success();
}

} // namespace

Expected<Tokenizer> readTokenizerJson(StringRef name, StringRef content) {
  Expected<json::Value> value = weights::parseJson(content, name);
  if (!value)
    return value.takeError();
  const json::Object *file = value->getAsObject();
  const json::Object *object = file ? file->getObject("model") : nullptr;
  if (!object)
    return fail("{}: expected an object with a 'model'", name.str());
  if (Error error = checkModel(name, *object))
    return error;

  Tokenizer tokenizer;
  Expected<Spelling> spelling = readPipeline(name, *file, tokenizer);
  if (!spelling)
    return spelling.takeError();
  if (Error error =
          object->getString("type") == "Unigram"
              ? addUnigramModel(name, *object, tokenizer)
              : addWordsAndMerges(name, *object, *spelling, tokenizer))
    return error;
  if (Error error = readAdded(name, *file, tokenizer))
    return error;
  if (Error error = checkOpening(name, tokenizer))
    return error;
  return tokenizer;
}

} // namespace text
