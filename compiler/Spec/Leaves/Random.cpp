// Segments that attention sees wherever they are, drawn from a seed: the random
// blocks of Zaheer et al. 2020.
#include "compiler/Spec/Leaves/Leaves.h"

using namespace llvm;

namespace spec {

void randomFields(RandomSegments &random, FieldVisitor &visitor) {
  visitor.size({"segments", "how many, of those that the near ones and the "
                            "`global` rows do not give already"},
               random.segments);
  visitor.count({"seed", "of the numbers that they are drawn by"}, random.seed);
}

void checkRandom(const Attention &attention, LeafCheck &at) {
  const RandomSegments &random = attention.random;
  if (!random.segments) {
    if (at.isSaid("random") || random.seed)
      at.error("random", "'random' needs 'segments'");
    return;
  }
  if (!attention.segment || attention.mask != Mask::None)
    at.error("random", "'random' needs 'segment' and 'mask: none'");
  constexpr int64_t most = 256; // kernel.attention's too
  if (*random.segments > most)
    at.error("random.segments", Twine(*random.segments) +
                                    " drawn segments are more than " +
                                    Twine(most));
}

} // namespace spec
