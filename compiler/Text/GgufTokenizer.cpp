// The tokenizer in a GGUF file: tokens with scores or merges, and by name how a
// text is cut into words.
#include "compiler/Text/BpeModel.h"
#include "compiler/Text/Pieces.h"
#include "compiler/Text/Rules.h"
#include "compiler/Text/ScoreMerges.h"
#include "compiler/Text/TextPipeline.h"
#include "compiler/Text/Unigram.h"

#include "compiler/Weights/Fail.h"
#include "compiler/Weights/Gguf.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;
using weights::fail;

namespace text {
namespace {

/// `tokenizer.ggml.pre`.
struct PreTokenizer {
  StringRef name;
  uint32_t pattern;
  bool wholeWords = false;
};
constexpr PreTokenizer preTokenizers[] = {
    {"default", TC_PATTERN_GPT2},
    {"gpt-2", TC_PATTERN_GPT2},
    {"phi-2", TC_PATTERN_GPT2},
    {"mpt", TC_PATTERN_GPT2},
    {"olmo", TC_PATTERN_GPT2},
    {"jais", TC_PATTERN_GPT2},
    {"jina-v2-de", TC_PATTERN_GPT2},
    {"jina-v2-es", TC_PATTERN_GPT2},
    {"llama-bpe", TC_PATTERN_CL100K, true},
    {"llama3", TC_PATTERN_CL100K, true},
    {"llama-v3", TC_PATTERN_CL100K, true},
    {"dbrx", TC_PATTERN_CL100K},
    {"smaug-bpe", TC_PATTERN_CL100K},
    {"qwen2", TC_PATTERN_QWEN2},
    {"deepseek-r1-qwen", TC_PATTERN_QWEN2},
    {"deepseek-llm", TC_PATTERN_DEEPSEEK_LLM},
    {"deepseek-coder", TC_PATTERN_DEEPSEEK_CODER},
    {"deepseek-v3", TC_PATTERN_DEEPSEEK_V3},
    {"falcon", TC_PATTERN_FALCON},
    {"bloom", TC_PATTERN_BLOOM},
    {"gpt3-finnish", TC_PATTERN_BLOOM},
    {"poro-chat", TC_PATTERN_BLOOM},
    {"tekken", TC_PATTERN_TEKKEN, true},
    {"chatglm-bpe", TC_PATTERN_CL100K},
    {"codeshell", TC_PATTERN_DIGITS},
    {"stablelm2", TC_PATTERN_QWEN2},
    {"gpt-4o", TC_PATTERN_O200K},
    {"smollm", TC_PATTERN_DIGITS},
    {"starcoder", TC_PATTERN_DIGITS},
    {"refact", TC_PATTERN_DIGITS},
    {"command-r", TC_PATTERN_DIGITS},
};

class GgufTokenizer {
public:
  GgufTokenizer(StringRef name, const weights::Gguf &gguf)
      : name(name), gguf(gguf) {}

  Expected<Tokenizer> read() {
    const weights::GgufValue *value = find("model");
    std::optional<StringRef> model = value ? value->string() : std::nullopt;
    if (!model)
      return fail("{}: tokenizer.ggml.model: missing, expected a string",
                  name.str());
    if (Error error = readTokens())
      return error;
    Error error = *model == "llama"  ? readPieces()
                  : *model == "gpt2" ? readBpe()
                  : *model == "bert" ? readWordPieces()
                  : *model == "t5"   ? readUnigram()
                                     : unsupported(*model);
    if (error)
      return error;
    if (*model != "bert")
      readBeginAndEnd(*model);
    return std::move(tokenizer);
  }

private:
  const weights::GgufValue *find(StringRef key) const {
    return gguf.find(("tokenizer.ggml." + key).str());
  }
  Error unsupported(StringRef model) {
    return fail("{}: tokenizer.ggml.model: '{}' is not supported, expected "
                "llama, gpt2, bert or t5",
                name.str(), model.str());
  }

  /// The list at `key`, as long as the vocabulary; empty if there is none.
  template <typename T>
  Error readList(StringRef key,
                 std::optional<std::vector<T>> (weights::GgufValue::*all)()
                     const,
                 std::vector<T> &list) {
    const weights::GgufValue *value = find(key);
    if (!value)
      return Error::success();
    std::optional<std::vector<T>> found = (value->*all)();
    if (!found || found->size() != tokens.size())
      return fail("{}: tokenizer.ggml.{}: expected a list of {} values",
                  name.str(), key.str(), tokens.size());
    list = std::move(*found);
    return Error::success();
  }

  Error readTokens() {
    const weights::GgufValue *value = find("tokens");
    auto found = value ? value->strings() : std::nullopt;
    if (!found || found->empty() || found->size() > size_t(maxIds))
      return fail("{}: tokenizer.ggml.tokens: expected a list of strings",
                  name.str());
    tokens = std::move(*found);
    types.assign(tokens.size(), Normal);
    if (Error error =
            readList("token_type", &weights::GgufValue::integers, types))
      return error;
    return readList("scores", &weights::GgufValue::numbers, scores);
  }

  Error readPieces() { return readScored(addPieces, 0); }

  Error readUnigram() {
    if (Error error = readScored(addUnigramPieces, 2))
      return error;
    const weights::GgufValue *value = find("precompiled_charsmap");
    if (!value)
      return Error::success();
    auto bytes = value->integers();
    if (!bytes)
      return fail("{}: tokenizer.ggml.precompiled_charsmap: expected a list of "
                  "bytes",
                  name.str());
    std::string charsmap(bytes->begin(), bytes->end());
    return addRules(name, charsmap, tokenizer);
  }

  Error readScored(Error (*add)(StringRef, ArrayRef<Piece>, Tokenizer &),
                   int64_t unknown) {
    if (scores.empty())
      return fail("{}: tokenizer.ggml.scores: missing", name.str());
    std::vector<Piece> pieces;
    for (size_t i = 0; i < tokens.size(); ++i)
      pieces.push_back({tokens[i], float(scores[i]), uint64_t(types[i])});
    tokenizer.flags = TC_TOKENIZER_STRIP | TC_TOKENIZER_FUSE_UNKNOWN;
    if (Error error = add(name, pieces, tokenizer))
      return error;
    setSpaces(flag("add_space_prefix", true),
              flag("remove_extra_whitespaces", false), tokenizer);
    tokenizer.unknown = idAt("unknown_token_id", unknown);
    return Error::success();
  }

  Error readPreTokenizer() {
    const weights::GgufValue *value = find("pre");
    StringRef pre = "default";
    if (value)
      pre = value->string().value_or("");
    const PreTokenizer *found =
        find_if(preTokenizers,
                [&](const PreTokenizer &each) { return each.name == pre; });
    if (found == std::end(preTokenizers))
      return fail("{}: tokenizer.ggml.pre: '{}' is not supported", name.str(),
                  pre.str());
    tokenizer.pattern = found->pattern;
    tokenizer.flags = TC_TOKENIZER_BYTES;
    if (found->wholeWords)
      tokenizer.flags |= TC_TOKENIZER_WHOLE_WORDS;
    return Error::success();
  }

  Error readBpe() {
    if (Error error = readPreTokenizer())
      return error;
    const weights::GgufValue *value = find("merges");
    auto merges = value ? value->strings() : std::nullopt;
    if (!merges)
      return fail("{}: tokenizer.ggml.merges: expected a list of strings",
                  name.str());
    BpeModel model;
    model.spelling = Spelling::Bytes;
    for (size_t i = 0; i < tokens.size(); ++i)
      if (isPlain(i))
        model.ids.try_emplace(tokens[i], int64_t(i));
    for (StringRef line : *merges) {
      auto merge = splitMerge(name, line);
      if (!merge)
        return merge.takeError();
      model.merges.push_back(*merge);
    }
    if (Error error = addModel(name, model, tokenizer))
      return error;
    tokenizer.texts.resize(tokens.size());
    for (size_t i = 0; i < tokens.size(); ++i)
      if (!isPlain(i) && types[i] != Unused && !tokens[i].empty())
        if (Error error =
                addAddedToken(name, int64_t(i), tokens[i], 0, tokenizer))
          return error;
    return Error::success();
  }

  /// What begins a word has U+2581 before it; what goes on has lost its "##".
  Error readWordPieces() {
    for (size_t i = 0; i < tokens.size(); ++i) {
      tokenizer.texts.push_back(withSpaces(tokens[i]));
      if (isPlain(i) && !tokens[i].empty())
        tokenizer.words.push_back(int32_t(i));
      else if (!tokens[i].empty())
        tokenizer.added.push_back({int32_t(i), 0});
    }
    tokenizer.unknown = idAt("unknown_token_id", 100);
    setWordPieces(/*foldsCase=*/true, tokenizer);
    // llama.cpp's spelling.
    int32_t begin =
        idAt(find("cls_token_id") ? "cls_token_id" : "bos_token_id", 101);
    int32_t end = idAt("seperator_token_id", 102);
    if (begin >= 0)
      tokenizer.opening = {begin};
    if (end >= 0)
      tokenizer.closing = {end};
    return Error::success();
  }

  bool isPlain(size_t id) const { return types[id] == Normal; }

  bool flag(StringRef key, bool otherwise) const {
    const weights::GgufValue *value = find(key);
    return value ? value->flag().value_or(otherwise) : otherwise;
  }

  int32_t idAt(StringRef key, int64_t otherwise) const {
    const weights::GgufValue *value = find(key);
    int64_t id = value ? value->integer().value_or(-1) : otherwise;
    return id >= 0 && id < int64_t(tokens.size()) ? int32_t(id) : -1;
  }

  /// LLaMA's texts begin with a token, T5's end with one, unless it is said
  /// otherwise.
  void readBeginAndEnd(StringRef model) {
    bool llama = model == "llama", t5 = model == "t5";
    tokenizer.bos = idAt("bos_token_id", llama ? 1 : -1);
    if (flag("add_bos_token", llama) && tokenizer.bos >= 0)
      tokenizer.opening = {tokenizer.bos};
    int32_t eos = idAt("eos_token_id", llama ? 2 : t5 ? 1 : -1);
    if (flag("add_eos_token", t5) && eos >= 0)
      tokenizer.closing = {eos};
    for (int32_t id : {eos, idAt("eot_token_id", -1), idAt("eom_token_id", -1)})
      if (id >= 0 && !is_contained(tokenizer.ends, id))
        tokenizer.ends.push_back(id);
  }

  StringRef name;
  const weights::Gguf &gguf;
  std::vector<StringRef> tokens;
  std::vector<int64_t> types;
  std::vector<double> scores;
  Tokenizer tokenizer;
};

} // namespace

Expected<Tokenizer> readGgufTokenizer(StringRef name, StringRef content) {
  Expected<weights::Gguf> gguf = weights::parseGguf(name, content);
  if (!gguf)
    return gguf.takeError();
  return GgufTokenizer(name, *gguf).read();
}

bool hasGgufTokenizer(StringRef content) {
  Expected<weights::Gguf> gguf = weights::parseGguf("", content);
  if (!gguf) {
    consumeError(gguf.takeError());
    return false;
  }
  return gguf->find("tokenizer.ggml.model");
}

} // namespace text
