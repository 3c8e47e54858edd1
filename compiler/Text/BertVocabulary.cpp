// BERT's vocab.txt: a token a line, whose number is its id.
#include "compiler/Text/BpeModel.h"
#include "compiler/Text/TextPipeline.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;

namespace text {

constexpr StringRef specials[] = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};

static SmallVector<StringRef> splitLines(StringRef content) {
  SmallVector<StringRef> lines;
  content.split(lines, '\n');
  if (lines.back().empty())
    lines.pop_back();
  for (StringRef &line : lines)
    line.consume_back("\r");
  return lines;
}

bool isBertVocabulary(StringRef content) {
  SmallVector<StringRef> lines = splitLines(content);
  return all_of(ArrayRef(specials).slice(1, 3),
                [&](StringRef token) { return is_contained(lines, token); });
}

Expected<Tokenizer> readBertVocabulary(StringRef name, StringRef content) {
  Tokenizer tokenizer;
  BpeModel model;
  model.spelling = Spelling::WordPieces;
  bool hasCapitals = false;
  for (auto [id, token] : enumerate(splitLines(content))) {
    if (token.empty())
      continue;
    model.ids[token] = int64_t(id);
    hasCapitals |= !is_contained(specials, token) && !token.starts_with("[") &&
                   any_of(token, [](char c) { return c >= 'A' && c <= 'Z'; });
  }
  if (Error error = addModel(name, model, tokenizer))
    return error;
  setWordPieces(/*foldsCase=*/!hasCapitals, tokenizer);
  for (StringRef token : specials)
    if (auto entry = model.ids.find(token); entry != model.ids.end())
      if (Error error = addAddedToken(name, entry->second, token, 0, tokenizer))
        return error;
  tokenizer.unknown = int32_t(model.ids["[UNK]"]);
  tokenizer.opening = {int32_t(model.ids["[CLS]"])};
  tokenizer.closing = {int32_t(model.ids["[SEP]"])};
  return tokenizer;
}

} // namespace text
