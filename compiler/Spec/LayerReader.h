// From the lists of the tree to layers: leaves, combinators, definitions.
#ifndef COMPILER_SPEC_LAYERREADER_H
#define COMPILER_SPEC_LAYERREADER_H

#include "compiler/Spec/Checker.h"
#include "compiler/Spec/Leaf.h"
#include "compiler/Spec/Programs/Streams.h"
#include "compiler/Spec/Tree.h"
#include "compiler/Spec/Values.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringSet.h"

namespace spec {

/// Layers in the file, uses of definitions counted each time.
constexpr unsigned mostLayers = 10000;

class LayerReader {
public:
  LayerReader(Diagnostics &diagnostics)
      : streams(diagnostics), diagnostics(diagnostics), values(diagnostics) {}

  /// Of a constructed model; to be read before the layers.
  Streams streams;
  void setDefaults(const Node &map);
  void setDefinitions(const Node &map);
  /// `place` is the key of the list.
  void read(llvm::StringRef owner, Place place, const Node &list, Layers &to);
  /// Reports defaults and definitions that no layer has used.
  void reportUnused();

  /// Leaves with an error, and combinators with layers missing after one.
  BrokenPlaces broken;

private:
  void readLayer(const Node &node, Layers &to, bool isBranch);
  void readName(const Node &node, Layers &to);
  void readLeaf(const Leaf &leaf, Place place, const Node *fields, Layers &to);
  void readStreams(const Entry &entry, Layers &to);
  void readDefinition(const Entry &definition, Place place, Layers &to);
  void readResidual(const Node &node, const Entry &entry, Layers &to);
  void readParallel(const Node &node, const Entry &entry, Layers &to);
  void readOutputs(const Node &node, const Entry &entry, Layers &to);
  void readExit(const Node &node, const Entry &entry, Layers &to);
  void readAbove(const Node &node, std::optional<double> &above);
  void readRepeat(const Node &node, const Entry &entry, Layers &to);
  /// Without an owner the first known word is it.
  void refuseOthers(const Node &map, Words known, llvm::StringRef owner = {});
  void readAs(const Node &node, Layer &layer);
  void unknown(llvm::StringRef name, Place place);
  Layer &add(Layers &to, LayerBody body, Place place);

  Diagnostics &diagnostics;
  ValueReader values;
  const Node *defaults = nullptr, *definitions = nullptr;
  llvm::StringSet<> usedDefaults, usedDefinitions;
  llvm::SmallVector<llvm::StringRef> open; ///< definitions being read
  unsigned nesting = 0;
  unsigned count = 0;
};

} // namespace spec

#endif // COMPILER_SPEC_LAYERREADER_H
