// Each part is flattened into a list of steps first.
#include "compiler/Text/TextPipeline.h"
#include "compiler/Text/Normalizers.h"
#include "compiler/Text/WordPatterns.h"

#include "compiler/Weights/Fail.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;
using weights::fail;

namespace text {
namespace {

using Step = const json::Object *;

class Pipeline {
public:
  Pipeline(StringRef name, const json::Object &file, Tokenizer &tokenizer)
      : name(name), file(file), tokenizer(tokenizer) {
    if (const json::Object *object = file.getObject("model"))
      model = object->getString("type").value_or("BPE");
  }

  Expected<Spelling> read() {
    if (Error error = each("normalizer", "normalizers", &Pipeline::normalizer))
      return error;
    if (Error error =
            each("pre_tokenizer", "pretokenizers", &Pipeline::preTokenizer))
      return error;
    if (Error error = finishWords())
      return error;
    if (Error error = each("decoder", "decoders", &Pipeline::decoder))
      return error;
    if (Error error =
            each("post_processor", "processors", &Pipeline::postProcessor))
      return error;
    return bytes                    ? Spelling::Bytes
           : normalized.spaceSigned ? Spelling::Spaces
                                    : Spelling::Plain;
  }

private:
  /// Calls the handler for each step of a part; null parts have none.
  Error each(StringRef part, StringRef list,
             Error (Pipeline::*handle)(StringRef type, Step step)) {
    const json::Value *value = file.get(part);
    if (!value || value->getAsNull())
      return Error::success();
    return visit(part, list, *value, handle);
  }

  Error visit(StringRef part, StringRef list, const json::Value &value,
              Error (Pipeline::*handle)(StringRef type, Step step)) {
    Step step = value.getAsObject();
    std::optional<StringRef> type;
    if (step)
      type = step->getString("type");
    if (!type)
      return fail("{}: {} needs an object with a type", name.str(), part.str());
    if (*type != "Sequence")
      return (this->*handle)(*type, step);
    const json::Array *steps = step->getArray(list);
    if (!steps)
      return fail("{}: the sequence of {} has no list '{}'", name.str(),
                  part.str(), list.str());
    for (const json::Value &inner : *steps)
      if (Error error = visit(part, list, inner, handle))
        return error;
    return Error::success();
  }

  Error unsupported(StringRef part, StringRef what) {
    return fail("{}: {} {} is not supported", name.str(), part.str(),
                what.str());
  }

  Error normalizer(StringRef type, Step step) {
    return addNormalizer(name, type, *step, tokenizer, normalized);
  }

  Error preTokenizer(StringRef type, Step step) {
    if (type == "BertPreTokenizer") {
      if (!normalized.bertCase)
        return unsupported("pre_tokenizer",
                           "BertPreTokenizer without BertNormalizer");
      setWordPieces(*normalized.bertCase, tokenizer);
      return Error::success();
    }
    if (type == "ByteLevel")
      return byteLevel(step);
    if (type == "WhitespaceSplit" && !normalized.spaceSigned) {
      tokenizer.flags |= TC_TOKENIZER_WHITE_SPACE | TC_TOKENIZER_TRIM_LEFT |
                         TC_TOKENIZER_TRIM_RIGHT | TC_TOKENIZER_ONE_SPACE;
      splitsWhite = true;
      return Error::success();
    }
    if (type == "Metaspace")
      return metaspace(step);
    if (type == "Split")
      return split(step);
    if (type == "Digits")
      return cut(step->getBoolean("individual_digits").value_or(false)
                     ? R"(\p{N})"
                     : R"(\p{N}+)");
    if (type == "Punctuation" && step->getString("behavior") == "Contiguous")
      return cut(punctuationExpression);
    return unsupported("pre_tokenizer", type);
  }

  /// An expression whose matches are words, as is what lies between.
  Error cut(StringRef expression) {
    expressions.push_back((bytes ? "bytes " : "") + expression.str());
    return Error::success();
  }

  Error byteLevel(Step step) {
    if (step->getBoolean("add_prefix_space").value_or(true)) {
      if (!expressions.empty())
        return unsupported("pre_tokenizer", "with add_prefix_space in words");
      tokenizer.prefix = TC_PREFIX_SECTIONS;
      tokenizer.flags |= TC_TOKENIZER_PREFIX_ONCE;
    }
    if (step->getBoolean("use_regex").value_or(true))
      if (Error error = cut(gpt2Expression))
        return error;
    bytes = true;
    return Error::success();
  }

  Error metaspace(Step step) {
    if (step->getString("replacement").value_or(spaceSign) != spaceSign)
      return unsupported("pre_tokenizer", "Metaspace with another sign");
    normalized.spaceSigned = true;
    StringRef scheme = step->getBoolean("add_prefix_space").value_or(true)
                           ? "always"
                           : "never";
    scheme = step->getString("prepend_scheme").value_or(scheme);
    if (scheme != "never") {
      tokenizer.prefix =
          scheme == "first" ? TC_PREFIX_FIRST : TC_PREFIX_SECTIONS;
      tokenizer.flags |= TC_TOKENIZER_PREFIX_ONCE;
    }
    if (step->getBoolean("split").value_or(true))
      tokenizer.pattern = TC_PATTERN_SPACES;
    return Error::success();
  }

  Error split(Step step) {
    /// Splitting at spaces where the normalizer has left none.
    if (normalized.spaceSigned && isPlainPattern(*step, " "))
      return Error::success();
    const json::Object *pattern = step->getObject("pattern");
    std::optional<StringRef> expression;
    if (pattern)
      expression = pattern->getString("Regex");
    StringRef behavior = step->getString("behavior").value_or("");
    bool inverted = step->getBoolean("invert").value_or(false);
    bool isolates = behavior == "Isolated" && !inverted;
    bool dropsRest = behavior == "Removed" && inverted;
    if (!expression || !(isolates || dropsRest))
      return unsupported("pre_tokenizer", "Split of this kind");
    needsAll |= dropsRest;
    return cut(*expression);
  }

  /// After all pre-tokenizers: what none of them may leave open.
  Error finishWords() {
    bool pieces = tokenizer.flags & TC_TOKENIZER_WORD_PIECES;
    if (pieces != (model == "WordPiece") || (normalized.bertCase && !pieces))
      return unsupported("pre_tokenizer", "of another tokenizer's model");
    if (pieces)
      return bytes || normalized.spaceSigned || !expressions.empty()
                 ? unsupported("pre_tokenizer", "beside BertPreTokenizer")
                 : Error::success();
    // Each word has its space, by which it is cut off again.
    if (splitsWhite && (tokenizer.prefix != TC_PREFIX_SECTIONS || bytes))
      return unsupported("pre_tokenizer",
                         "WhitespaceSplit without Metaspace before each word");
    if (splitsWhite)
      tokenizer.pattern = TC_PATTERN_SPACES;
    if (bytes && model == "Unigram")
      return unsupported("pre_tokenizer", "ByteLevel before Unigram");
    if (bytes && normalized.spaceSigned)
      return unsupported("pre_tokenizer", "ByteLevel after signs for spaces");
    if (Error error = findWords())
      return error;
    if (!bytes && !normalized.spaceSigned && tokenizer.prefix != TC_PREFIX_NONE)
      return unsupported("normalizer", "Prepend without Replace");
    if (bytes)
      tokenizer.flags |= TC_TOKENIZER_BYTES;
    return Error::success();
  }

  Error findWords() {
    if (expressions.empty())
      return Error::success();
    std::optional<uint32_t> pattern = findPattern(expressions);
    if (!pattern)
      return unsupported("pre_tokenizer",
                         "Split by '" + join(expressions, "', then '") + "'");
    if (needsAll && !matchesAll(*pattern))
      return unsupported("pre_tokenizer", "Split that drops text");
    if (!bytes)
      return unsupported("pre_tokenizer", "Split without ByteLevel");
    tokenizer.pattern = *pattern;
    return Error::success();
  }

  /// What decoding does follows from encoding, but for one thing: whether the
  /// first space is dropped.
  Error decoder(StringRef type, Step step) {
    bool strips = false;
    if (type == "Strip") {
      if (step->getString("content") != " " || step->getInteger("start") != 1 ||
          step->getInteger("stop") != 0)
        return unsupported("decoder", "Strip of more than one leading space");
      strips = true;
    } else if (type == "Metaspace") {
      strips = tokenizer.prefix != TC_PREFIX_NONE;
    } else if (type != "ByteLevel" && type != "ByteFallback" &&
               type != "Fuse" && type != "Replace" && type != "WordPiece") {
      return unsupported("decoder", type);
    }
    if (strips)
      tokenizer.flags |= TC_TOKENIZER_STRIP;
    return Error::success();
  }

  Error postProcessor(StringRef type, Step step) {
    if (type == "ByteLevel")
      return Error::success();
    if (type == "BertProcessing" || type == "RobertaProcessing")
      return bertProcessing(type, step);
    if (type != "TemplateProcessing")
      return unsupported("post_processor", type);
    const json::Array *single = step->getArray("single");
    if (!single)
      return fail("{}: post_processor TemplateProcessing has no list 'single'",
                  name.str());
    bool textSeen = false;
    for (const json::Value &value : *single) {
      const json::Object *item = value.getAsObject();
      const json::Object *special =
          item ? item->getObject("SpecialToken") : nullptr;
      if (!special) {
        textSeen = true;
        continue;
      }
      if (Error error =
              addSpecial(*step, special->getString("id").value_or(""),
                         textSeen ? tokenizer.closing : tokenizer.opening))
        return error;
    }
    return Error::success();
  }

  /// ["[SEP]", 102] and ["[CLS]", 101], or RoBERTa's.
  Error bertProcessing(StringRef type, Step step) {
    for (auto [key, ids] : {std::pair("cls", &tokenizer.opening),
                            std::pair("sep", &tokenizer.closing)}) {
      const json::Array *pair = step->getArray(key);
      std::optional<int64_t> id;
      if (pair && pair->size() == 2)
        id = (*pair)[1].getAsInteger();
      if (!id || *id < 0 || *id >= maxIds)
        return fail("{}: post_processor {} has no pair '{}'", name.str(),
                    type.str(), key);
      ids->push_back(int32_t(*id));
    }
    return Error::success();
  }

  Error addSpecial(const json::Object &step, StringRef token,
                   std::vector<int32_t> &to) {
    const json::Object *tokens = step.getObject("special_tokens");
    const json::Object *entry = tokens ? tokens->getObject(token) : nullptr;
    const json::Array *ids = entry ? entry->getArray("ids") : nullptr;
    if (!ids)
      return fail("{}: post_processor has no ids for token '{}'", name.str(),
                  token.str());
    for (const json::Value &value : *ids) {
      std::optional<int64_t> id = value.getAsInteger();
      if (!id || *id < 0 || *id >= maxIds)
        return fail("{}: post_processor has a wrong id for token '{}'",
                    name.str(), token.str());
      to.push_back(int32_t(*id));
    }
    return Error::success();
  }

  StringRef name;
  const json::Object &file;
  Tokenizer &tokenizer;
  Normalized normalized;
  bool bytes = false;
  std::vector<std::string> expressions; ///< that cut, one after another
  bool needsAll = false;                ///< only what they match is kept
  bool splitsWhite = false;             ///< WhitespaceSplit
  StringRef model;                      ///< its type
};

} // namespace

void setWordPieces(bool foldsCase, Tokenizer &tokenizer) {
  tokenizer.pattern = TC_PATTERN_BERT;
  tokenizer.prefix = TC_PREFIX_TEXT;
  tokenizer.flags =
      TC_TOKENIZER_WORD_PIECES | TC_TOKENIZER_FOLD | TC_TOKENIZER_STRIP;
  if (foldsCase)
    tokenizer.flags |= TC_TOKENIZER_FOLD_HANGUL;
  tokenizer.foldsCase = foldsCase;
}

Expected<Spelling> readPipeline(StringRef name, const json::Object &file,
                                Tokenizer &tokenizer) {
  return Pipeline(name, file, tokenizer).read();
}

} // namespace text
