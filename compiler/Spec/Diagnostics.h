// The errors of one run: each once, in the order of the file.
#ifndef COMPILER_SPEC_DIAGNOSTICS_H
#define COMPILER_SPEC_DIAGNOSTICS_H

#include "compiler/Spec/Spec.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/SourceMgr.h"

#include <set>
#include <string>
#include <tuple>

namespace spec {

class Diagnostics {
public:
  /// An error seen again (a definition used twice) is kept once.
  void error(Place place, const llvm::Twine &message);

  /// Grows with every call of `error`, repeated ones included: equal before and
  /// after a piece of work means that the piece is sound.
  size_t count() const { return calls; }

  /// Prints through the source manager: file:line:col, the line, a caret.
  void print(llvm::SourceMgr &sources) const;

private:
  std::set<std::tuple<uint32_t, uint32_t, std::string>> errors;
  size_t calls = 0;
};

/// "; did you mean 'kv_heads'?" when one of `known` is near, else "".
std::string didYouMean(llvm::StringRef word,
                       llvm::ArrayRef<llvm::StringRef> known);

/// "a, b and c".
std::string listWords(llvm::ArrayRef<llvm::StringRef> words,
                      llvm::StringRef last = "and");

/// " (line 3)" for a value that was said in the file, else "".
std::string said(Place place);

} // namespace spec

#endif // COMPILER_SPEC_DIAGNOSTICS_H
