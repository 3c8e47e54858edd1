// The spec file as words, lists and maps, each with its place: YAML without
// anchors, aliases, tags, merge keys, block scalars and repeated keys.
#ifndef COMPILER_SPEC_TREE_H
#define COMPILER_SPEC_TREE_H

#include "compiler/Spec/Diagnostics.h"
#include "compiler/Spec/Spec.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/SourceMgr.h"

#include <optional>
#include <string>
#include <vector>

namespace spec {

/// A larger file is no spec; a bound on time and memory.
constexpr size_t mostBytes = 1 << 20;
/// Lists and maps inside each other.
constexpr unsigned mostDepth = 64;

struct Entry;

struct Node {
  enum class Kind {
    Nothing, ///< an empty value
    Word,    ///< a plain scalar: a name, a number, true, false
    Text,    ///< a quoted scalar
    List,
    Map
  };
  Kind kind = Kind::Nothing;
  Place place;
  std::string text;           ///< Word, Text
  std::vector<Node> items;    ///< List
  std::vector<Entry> entries; ///< Map, in the order of the file

  bool isScalar() const { return kind == Kind::Word || kind == Kind::Text; }
  const Entry *find(llvm::StringRef key) const;
  /// For messages: "a list", "'text'", ...
  std::string describe() const;
};

struct Entry {
  std::string key;
  Place place;
  Node value;
};

/// The tree of the main buffer; nullopt after an error.
std::optional<Node> readTree(const llvm::SourceMgr &sources,
                             Diagnostics &diagnostics);

} // namespace spec

#endif // COMPILER_SPEC_TREE_H
