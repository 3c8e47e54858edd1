// The parts of a tokenizer.json around its model: normalizer, pre_tokenizer,
// decoder, post_processor. Each is an object with a "type", often a "Sequence"
// of others; what is not known to mean the same at run time is refused by name.
#ifndef COMPILER_TEXT_TEXTPIPELINE_H
#define COMPILER_TEXT_TEXTPIPELINE_H

#include "compiler/Text/BpeModel.h"

namespace text {

/// Fills in the tokenizer's pattern, prefix, flags and opening, and says how
/// the vocabulary is spelt. Errors begin with `name`.
llvm::Expected<Spelling> readPipeline(llvm::StringRef name,
                                      const llvm::json::Object &file,
                                      Tokenizer &tokenizer);

/// The ways of BERT's tokenizers.
void setWordPieces(bool foldsCase, Tokenizer &tokenizer);

/// BERT's vocab.txt, told by the tokens that every such file has.
bool isBertVocabulary(llvm::StringRef content);
llvm::Expected<Tokenizer> readBertVocabulary(llvm::StringRef name,
                                             llvm::StringRef content);

} // namespace text

#endif // COMPILER_TEXT_TEXTPIPELINE_H
