// Byte-pair encoding as vocabulary files give it: ids by token, and merges of
// two tokens each, the most urgent first.
#ifndef COMPILER_TEXT_BPEMODEL_H
#define COMPILER_TEXT_BPEMODEL_H

#include "compiler/Text/Tokenizer.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/JSON.h"

namespace text {

/// How tokens are written in the file.
enum class Spelling {
  Plain,      ///< as they are
  Spaces,     ///< U+2581 for a space
  Bytes,      ///< GPT-2's characters for bytes
  WordPieces, ///< "##" before what begins no word
};

struct BpeModel {
  llvm::StringMap<int64_t> ids;
  std::vector<std::pair<llvm::StringRef, llvm::StringRef>> merges;
  Spelling spelling = Spelling::Plain;
  bool bytePieces = false; ///< tokens like <0x0A> stand for bytes
};

/// The vocabulary of a JSON file.
llvm::Error readIds(llvm::StringRef name, const llvm::json::Object &vocab,
                    BpeModel &model);

/// Fills in texts, words, byte ids and merges. Errors begin with `name`.
llvm::Error addModel(llvm::StringRef name, const BpeModel &model,
                     Tokenizer &tokenizer);

/// Makes `id` a token that is recognised in the text as `content`.
llvm::Error addAddedToken(llvm::StringRef name, int64_t id,
                          llvm::StringRef content, uint32_t flags,
                          Tokenizer &tokenizer);

/// The merge that a line "left right" stands for.
llvm::Expected<std::pair<llvm::StringRef, llvm::StringRef>>
splitMerge(llvm::StringRef name, llvm::StringRef line);

} // namespace text

#endif // COMPILER_TEXT_BPEMODEL_H
