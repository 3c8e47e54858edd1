// Single values out of the tree, each with its message when it is not what the
// field takes.
#ifndef COMPILER_SPEC_VALUES_H
#define COMPILER_SPEC_VALUES_H

#include "compiler/Spec/Fields.h"
#include "compiler/Spec/Tree.h"

namespace spec {

/// Reads values of fields that messages call `name`. Each returns false, with
/// the value untouched, after an error.
class ValueReader {
public:
  explicit ValueReader(Diagnostics &diagnostics) : diagnostics(diagnostics) {}

  bool size(llvm::StringRef name, const Node &node, int64_t &value);
  /// The number of a token, from 0 on.
  bool token(llvm::StringRef name, const Node &node,
             std::optional<int64_t> &value);
  bool real(llvm::StringRef name, const Node &node, Reals range, double &value);
  bool flag(llvm::StringRef name, const Node &node, bool &value);
  /// `where` is the leaf.field, for words that are planned.
  bool word(llvm::StringRef name, llvm::StringRef where, const Node &node,
            Words words, unsigned &index);
  bool word(llvm::StringRef name, llvm::StringRef where, llvm::StringRef text,
            Place place, Words words, unsigned &index);
  /// A name: letters, digits and underscores, a letter first.
  bool name(llvm::StringRef name, const Node &node, std::string &value);
  /// "'heads' takes a whole number, not 'x'"; false.
  bool mistaken(llvm::StringRef name, const llvm::Twine &wanted,
                const Node &node);

private:
  Diagnostics &diagnostics;
};

/// Names of models, definitions and `as:`.
bool isName(llvm::StringRef text);

} // namespace spec

#endif // COMPILER_SPEC_VALUES_H
