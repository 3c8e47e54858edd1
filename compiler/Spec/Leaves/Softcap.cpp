// A soft limit of all values.
#include "compiler/Spec/Leaves/Leaves.h"

using namespace llvm;

namespace spec {
namespace {

class SoftcapLeaf final : public LeafOf<Softcap> {
public:
  SoftcapLeaf()
      : LeafOf("softcap", "x becomes c tanh(x/c), between -c and c", "at") {}

private:
  void fields(Softcap &softcap, FieldVisitor &visitor) const override {
    visitor.real({"at", "c, which must be said"}, softcap.at);
  }

  void check(Softcap &softcap, LeafCheck &at) const override {
    if (!softcap.at)
      at.error("'softcap' needs 'at', the number that no value exceeds");
  }

  WeightList weights(const Softcap &, const Layer &,
                     const Spec &) const override {
    return {};
  }
};

} // namespace

const Leaf &softcapLeaf() {
  static const SoftcapLeaf leaf;
  return leaf;
}

} // namespace spec
