// A tokenizer of any origin as the runtime understands it: what a reader fills
// in and the blob writer puts down. The rules are those of runtime/text/blob.h.
#ifndef COMPILER_TEXT_TOKENIZER_H
#define COMPILER_TEXT_TOKENIZER_H

#include "runtime/text/blob.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace text {

struct Merge {
  int32_t left = 0, right = 0;
  uint32_t rank = 0;
  int32_t result = 0;
};

struct AddedToken {
  int32_t id = 0;
  uint32_t flags = 0; ///< TC_ADDED_*
};

struct Tokenizer {
  Tokenizer() { byteIds.fill(-1); }

  /// What each id decodes to; empty for ids that mean nothing in a text.
  std::vector<std::string> texts;
  /// Ids that a text may be made of, found by their text.
  std::vector<int32_t> words;
  std::array<int32_t, 256> byteIds;
  std::vector<Merge> merges;
  /// Of the ids of a unigram model, and of a character without a token.
  std::vector<double> scores;
  double unknownScore = 0;
  /// Rules of normalisation: units of a double array, and what it points to.
  std::vector<uint32_t> rules;
  std::string ruleText;
  std::vector<AddedToken> added;
  std::vector<int32_t> opening, closing, ends;
  uint32_t pattern = TC_PATTERN_WHOLE;
  uint32_t prefix = TC_PREFIX_NONE;
  uint32_t flags = 0; ///< TC_TOKENIZER_*
  int32_t unknown = -1, bos = -1;
  /// Of TC_TOKENIZER_FOLD: small letters without accents, not only text
  /// without control characters.
  bool foldsCase = false;
};

/// More ids than any vocabulary has; guards against absurd files.
constexpr int64_t maxIds = 1 << 22;

/// The blob of runtime/text/blob.h.
std::string writeBlob(const Tokenizer &tokenizer);

/// Readers, one for each format. `name` is the file's, for messages.
llvm::Expected<Tokenizer> readTokenizerJson(llvm::StringRef name,
                                            llvm::StringRef content);
llvm::Expected<Tokenizer> readSentencePiece(llvm::StringRef name,
                                            llvm::StringRef content);
llvm::Expected<Tokenizer> readLlama2c(llvm::StringRef name,
                                      llvm::StringRef content);
llvm::Expected<Tokenizer> readGgufTokenizer(llvm::StringRef name,
                                            llvm::StringRef content);
/// GPT-2's pair: a JSON object of ids by token, and a list of merges.
llvm::Expected<Tokenizer> readVocabAndMerges(llvm::StringRef vocabName,
                                             llvm::StringRef vocab,
                                             llvm::StringRef mergesName,
                                             llvm::StringRef merges);

/// Whether the content is a llama2.c tokenizer, to the last byte.
bool isLlama2c(llvm::StringRef content);

/// Whether the content is a GGUF file with a tokenizer in it.
bool hasGgufTokenizer(llvm::StringRef content);

/// Reads which ids begin and end a text from the files that model directories
/// hold beside a tokenizer (generation_config.json, config.json,
/// tokenizer_config.json); without them, well-known names of such tokens tell.
llvm::Error readBeginAndEnd(llvm::StringRef directory, Tokenizer &tokenizer);

} // namespace text

#endif // COMPILER_TEXT_TOKENIZER_H
