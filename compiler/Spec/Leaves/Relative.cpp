// The learned bias of attention's scores by distance (Raffel et al. 2020).
#include "compiler/Spec/Leaves/Leaves.h"

using namespace llvm;

namespace spec {

void relativeFields(RelativeBias &relative, FieldVisitor &visitor) {
  visitor.size({"buckets", "of distances; half of them for later rows, where "
                           "these are seen"},
               relative.buckets);
  visitor.size({"distance", "from here on all are in the last bucket"},
               relative.distance);
  visitor.flag({"shared", "one table for all repetitions"}, relative.shared);
}

void checkRelative(const RelativeBias &relative, Mask mask, LeafCheck &at) {
  constexpr int64_t most = 256; // on a side; transformer.relative's too
  int64_t sides = mask == Mask::Causal ? 1 : 2;
  if (relative.buckets % sides != 0 || relative.buckets < 2 * sides ||
      relative.buckets > most * sides)
    return at.error(
        "position.relative.buckets",
        Twine(relative.buckets) + " buckets are not " +
            (sides == 1 ? "from 2 to " : "an even number from 4 to ") +
            Twine(most * sides));
  int64_t single = relative.buckets / sides / 2;
  if (relative.distance <= single)
    at.error("position.relative.distance",
             "a distance of " + Twine(relative.distance) +
                 " is not above the " + Twine(single) +
                 " distances that have a bucket each");
}

} // namespace spec
