// Walks two trees side by side.
#include "SameSpec.h"

#include <algorithm>

using namespace spec;

static bool same(const Layers &a, const Layers &b);

namespace {

struct SameBody {
  template <class T> bool operator()(const T &a, const T &b) { return a == b; }
  template <class T, class U> bool operator()(const T &, const U &) {
    return false;
  }
  bool operator()(const Residual &a, const Residual &b) {
    return same(a.layers, b.layers);
  }
  bool operator()(const Parallel &a, const Parallel &b) {
    return same(a.branches, b.branches);
  }
  bool operator()(const Outputs &a, const Outputs &b) {
    return a.names == b.names && same(a.branches, b.branches);
  }
  bool operator()(const Exit &a, const Exit &b) {
    return a.above == b.above && same(a.layers, b.layers);
  }
  bool operator()(const Sequence &a, const Sequence &b) {
    return a.name == b.name && same(a.layers, b.layers);
  }
  bool operator()(const Repeat &a, const Repeat &b) {
    return a.count == b.count && a.share == b.share && same(a.layers, b.layers);
  }
};

} // namespace

static bool same(const Layers &a, const Layers &b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const Layer &x, const Layer &y) {
                      return x.scope == y.scope && x.encodes == y.encodes &&
                             x.dimIn == y.dimIn && x.dimOut == y.dimOut &&
                             std::visit(SameBody(), x.body, y.body);
                    });
}

static bool same(const WeightFiles &a, const WeightFiles &b) {
  auto sameSlice = [](const WeightSource::Slice &x,
                      const WeightSource::Slice &y) {
    return x.begin == y.begin && x.end == y.end && x.index == y.index;
  };
  auto sameSource = [&](const auto &x, const auto &y) {
    return x.first == y.first && x.second.tensor == y.second.tensor &&
           x.second.transpose == y.second.transpose &&
           x.second.reshape == y.second.reshape &&
           x.second.unit == y.second.unit &&
           std::equal(x.second.slices.begin(), x.second.slices.end(),
                      y.second.slices.begin(), y.second.slices.end(),
                      sameSlice);
  };
  return a.files == b.files &&
         std::equal(a.names.begin(), a.names.end(), b.names.begin(),
                    b.names.end(), sameSource);
}

bool same(const Spec &a, const Spec &b) {
  return a.model == b.model && a.dtype == b.dtype && a.dim == b.dim &&
         a.context == b.context && a.vocab == b.vocab && a.input == b.input &&
         a.causal == b.causal && a.outputDim == b.outputDim &&
         a.sourceDim == b.sourceDim && a.source.context == b.source.context &&
         a.source.vocab == b.source.vocab && a.source.start == b.source.start &&
         a.source.end == b.source.end && same(a.encoder, b.encoder) &&
         same(a.layers, b.layers) &&
         a.weights.has_value() == b.weights.has_value() &&
         (!a.weights || same(*a.weights, *b.weights));
}
