// Unicode's character classes and canonical forms as tables for the blob.
#ifndef COMPILER_TEXT_UNICODETABLES_H
#define COMPILER_TEXT_UNICODETABLES_H

#include "runtime/text/blob.h"

#include <vector>

namespace text {

/// What is told apart but letters, numbers and the rest; the more, the larger
/// the table.
struct Distinctions {
  bool cased = false; ///< otherwise all letters are of class TC_CLASS_LETTER
  bool marks = false;
  bool signs = false; ///< punctuation and other signs
};
/// Classes of characters beyond ASCII.
std::vector<tc_blob_range> characterClasses(Distinctions distinctions);

/// Punctuation and ideographs beyond ASCII (TC_CLASS_ALONE), as BERT's
/// tokenizer understands them.
std::vector<tc_blob_range> loneCharacters();

struct Normalization {
  std::vector<tc_blob_range> combining;
  std::vector<tc_blob_decomposition> decompositions;
  std::vector<tc_blob_composition> compositions;
};

/// What normal form C needs.
Normalization normalization();

/// BERT's cleaning: control characters vanish; with `foldsCase` accents as
/// well, and capitals become small.
std::vector<tc_blob_decomposition> folding(bool foldsCase);

} // namespace text

#endif // COMPILER_TEXT_UNICODETABLES_H
