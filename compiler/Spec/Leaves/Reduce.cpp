// Attention whose keys and values are made of fewer rows: those that a
// convolution over the grid leaves, or mixtures of all of them.
#include "compiler/Spec/Leaves/Leaves.h"
#include "compiler/Spec/Parser.h"

using namespace llvm;

namespace spec {

void reduceFields(Reduce &reduce, FieldVisitor &visitor) {
  visitor.size({"size", "of those that a convolution of this size and stride "
                        "makes of the grid of an image, with a LayerNorm"},
               reduce.size);
  visitor.real({"eps", "of that norm"}, reduce.eps, Reals::NotNegative, 1e-5);
  visitor.size({"rows", "of so many mixtures of all rows, which are learned"},
               reduce.rows);
}

/// Places of rows mean nothing to what is made of many of them.
static void checkScores(const Attention &attention, LeafCheck &at) {
  if (attention.mask != Mask::None)
    at.error("mask", "'reduce' makes rows of earlier and later ones: it needs "
                     "'mask: none'");
  if (attention.scores != Scores::Softmax)
    at.error("scores", "'reduce' is for softmax scores");
  for (auto [field, said] : {std::pair("window", attention.window),
                             std::pair("segment", attention.segment)})
    if (said)
      at.error(field, "'" + Twine(field) +
                          "' and 'reduce' both say which rows are seen");
  if (attention.tile)
    at.error("tile", "'tile' and 'reduce' both say which rows are seen");
  if (attention.rotary || attention.alibi || attention.relative ||
      attention.added)
    at.error("position", "keys that 'reduce' makes have no positions like "
                         "those of queries");
}

void checkReduce(const Attention &attention, LeafCheck &at) {
  const Reduce &reduce = attention.reduce;
  if (!reduce && at.isSaid("reduce"))
    return at.error("reduce", "'reduce' needs 'size' or 'rows'");
  if (reduce.eps != Reduce().eps && !reduce.size)
    at.error("reduce.eps", "'eps' is of the norm behind the convolution of "
                           "'size'");
  if (!reduce)
    return;
  if (reduce.size && reduce.rows)
    at.error("reduce.rows", "'reduce' takes 'size' or 'rows', not both");
  checkScores(attention, at);
  if (!reduce.size || at.refuseWithoutGrid() || !at.stack.grid)
    return;
  Window window{*reduce.size, 0, 0};
  std::string fault = windowFault(window, at.stack.grid);
  double seen = double(at.layer.dimIn) * window.size * window.size;
  if (fault.empty() && seen > mostSize)
    fault = (" see more than " + Twine(mostSize) + " values").str();
  if (!fault.empty())
    at.error("reduce.size", "windows of " + Twine(window.size) + fault);
}

void reduceWeights(const Reduce &reduce, const Layer &layer, const Spec &spec,
                   WeightList &to) {
  int64_t width = layer.dimIn;
  if (reduce.size) {
    int64_t places = *reduce.size * *reduce.size;
    to.push_back({"reduce.weight", {width, width * places}});
    for (StringRef name :
         {"reduce.bias", "reduce_norm.weight", "reduce_norm.bias"})
      to.push_back({name.str(), {width}});
  } else if (reduce.rows) {
    to.push_back({"reduce.weight", {*reduce.rows, contextOf(layer, spec)}});
  }
}

} // namespace spec
