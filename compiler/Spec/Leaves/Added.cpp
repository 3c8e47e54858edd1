// Learned positions that attention adds to what queries and keys are made of
// (Carion et al. 2020).
#include "compiler/Spec/Leaves/Leaves.h"

using namespace llvm;

namespace spec {

void addedFields(AddedPosition &added, FieldVisitor &visitor) {
  visitor.flag({"shared", "one table for all repetitions"}, added.shared);
}

LeafWeight addedWeight(const AddedPosition &added, StringRef name, int64_t rows,
                       int64_t width) {
  return {(name + ".weight").str(), {rows, width}, added.shared};
}

} // namespace spec
