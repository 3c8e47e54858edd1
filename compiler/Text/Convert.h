// From a tokenizer file of another project to the blob that runtime/text reads.
#ifndef COMPILER_TEXT_CONVERT_H
#define COMPILER_TEXT_CONVERT_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <optional>
#include <string>

namespace text {

/// Reads a tokenizer, told by its content: tokenizer.json (Hugging Face),
/// tokenizer.model (SentencePiece), a GGUF file, tokenizer.bin (llama2.c),
/// vocab.txt (BERT), or either file of GPT-2's pair, whose other half lies
/// beside it. A directory
/// stands for the tokenizer in it. With `vocab`, ids that a model of that many
/// outputs cannot know are an error.
llvm::Expected<std::string> convertTokenizer(llvm::StringRef path,
                                             int64_t vocab = 0);

/// A GGUF file that has a tokenizer; or the one in a directory or beside a
/// file, the first there is of tokenizer.json, tokenizer.model, tokenizer.bin,
/// vocab.json (with merges.txt), encoder.json (with vocab.bpe), BERT's
/// vocab.txt, and the only one named tok*.bin.
std::optional<std::string> findTokenizer(llvm::StringRef directoryOrFile);

} // namespace text

#endif // COMPILER_TEXT_CONVERT_H
