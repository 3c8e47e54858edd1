// The table of leaves: a new one is a line here and a file beside this.
#include "compiler/Spec/Leaves/Leaves.h"

using namespace llvm;

namespace spec {

ArrayRef<const Leaf *> leaves() {
  static const Leaf *const table[] = {&embedLeaf(),
                                      &positionLeaf(),
                                      &patchLeaf(),
                                      &rowsLeaf(),
                                      &queriesLeaf(),
                                      &typesLeaf(),
                                      &prependLeaf(),
                                      &normLeaf(),
                                      &attentionLeaf(),
                                      &crossAttentionLeaf(),
                                      &latentAttentionLeaf(),
                                      &linearAttentionLeaf(),
                                      &mlpLeaf(),
                                      &moeLeaf(),
                                      &linearLeaf(),
                                      &convLeaf(),
                                      &mergeLeaf(),
                                      &scaleLeaf(),
                                      &softcapLeaf(),
                                      &poolLeaf(),
                                      &tapLeaf(),
                                      &logitsLeaf()};
  return table;
}

const Leaf *findLeaf(StringRef name) {
  for (const Leaf *leaf : leaves())
    if (leaf->name == name)
      return leaf;
  return nullptr;
}

const Leaf *leafOf(const LayerBody &body) {
  return body.index() < leaves().size() ? leaves()[body.index()] : nullptr;
}

Place LeafCheck::place(StringRef field) const {
  auto found = layer.fields.find(field.str());
  return found == layer.fields.end() ? layer.place : found->second;
}

Place LeafCheck::modelPlace(StringRef field) const {
  auto found = spec.fields.find(field.str());
  return found == spec.fields.end() ? Place() : found->second;
}

bool LeafCheck::isSaid(StringRef field) const {
  return layer.fields.count(field.str());
}

bool LeafCheck::refusePooled() {
  if (stack.pooled)
    error("'" + leafOf(layer.body)->name +
          "' after 'pool': one row a sequence is left");
  return stack.pooled;
}

bool LeafCheck::need(StringRef field, int64_t value) {
  if (value)
    return true;
  error("'" + leafOf(layer.body)->name + "' needs '" + field + "'");
  return false;
}

} // namespace spec
