// GPT-2's first form: encoder.json (or vocab.json) gives each token's id,
// vocab.bpe (or merges.txt) the merges, one a line.
#include "compiler/Text/BpeModel.h"

#include "compiler/Weights/Fail.h"
#include "compiler/Weights/Json.h"
#include "llvm/ADT/SmallVector.h"

using namespace llvm;
using weights::fail;

namespace text {

constexpr StringRef endOfText = "<|endoftext|>";

Expected<Tokenizer> readVocabAndMerges(StringRef vocabName, StringRef vocab,
                                       StringRef mergesName, StringRef merges) {
  Expected<json::Value> value = weights::parseJson(vocab, vocabName);
  if (!value)
    return value.takeError();
  BpeModel model;
  const json::Object *ids = value->getAsObject();
  if (!ids)
    return fail("{}: expected an object of ids by token", vocabName.str());
  if (Error error = readIds(vocabName, *ids, model))
    return error;
  model.spelling = Spelling::Bytes;
  for (bool first = true; !merges.empty(); first = false) {
    StringRef line;
    std::tie(line, merges) = merges.split('\n');
    line.consume_back("\r");
    if (line.empty() || (first && line.starts_with("#version")))
      continue;
    auto merge = splitMerge(mergesName, line);
    if (!merge)
      return merge.takeError();
    model.merges.push_back(*merge);
  }
  Tokenizer tokenizer;
  tokenizer.pattern = TC_PATTERN_GPT2;
  tokenizer.flags = TC_TOKENIZER_BYTES;
  if (Error error = addModel(vocabName, model, tokenizer))
    return error;
  if (std::optional<int64_t> id = ids->getInteger(endOfText)) {
    if (Error error = addAddedToken(vocabName, *id, endOfText, 0, tokenizer))
      return error;
    tokenizer.bos = *id;
    tokenizer.ends = {int32_t(*id)};
  }
  return tokenizer;
}

} // namespace text
