// The segments that are drawn, as transformer.attention says it.
#include "compiler/Reference/Layers.h"

namespace reference {

static uint64_t outputOf(uint64_t seed, uint64_t number) { // splitmix64
  uint64_t z = seed + (number + 1) * 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

std::vector<bool> drawnSegments(transformer::AttentionOp op, int64_t segment,
                                int64_t group, int64_t round, int64_t count) {
  const auto length = int64_t(*op.getSegment());
  const int64_t near = int64_t(*op.getWindow() - 1) / length;
  const int64_t global = int64_t(op.getSinks().value_or(0)) / length;
  std::vector<int64_t> candidates;
  const int64_t segments = (count + length - 1) / length;
  for (int64_t c = global; c < segments; ++c)
    if (c < segment - near || c > segment + near)
      candidates.push_back(c);
  const auto wanted = int64_t(*op.getRandom());
  const auto all = int64_t(candidates.size()), draws = std::min(wanted, all);
  const auto stream = uint64_t(round * int64_t(op.getKvHeads()) + group) << 40;
  std::vector<bool> drawn(size_t(segments), false);
  for (int64_t i = 0; i < draws; ++i) {
    uint64_t u = outputOf(uint64_t(op.getSeed()),
                          stream + uint64_t(segment * wanted + i));
    const int64_t last = all - draws + i;
    int64_t chosen = candidates[size_t(u % uint64_t(last + 1))];
    drawn[size_t(drawn[size_t(chosen)] ? candidates[size_t(last)] : chosen)] =
        true;
  }
  return drawn;
}

} // namespace reference
