// A decoder that reads nothing of its own: its rows are learned.
#include "compiler/Spec/Leaves/Leaves.h"

using namespace llvm;

namespace spec {
namespace {

class QueriesLeaf final : public LeafOf<Queries> {
public:
  QueriesLeaf()
      : LeafOf("queries", "a decoder's own rows, the same for each source, in "
                          "place of an input") {}

private:
  void fields(Queries &queries, FieldVisitor &visitor) const override {
    visitor.size({"rows", "how many"}, queries.rows);
  }

  void check(Queries &queries, LeafCheck &at) const override {
    if ((at.stack.started && !at.stack.incomplete) || at.nested)
      return at.error("'queries' are the rows that a decoder begins with: it "
                      "must be the first layer");
    if (!at.stack.decodes)
      return at.error("'queries' stands in a 'decoder': there is no encoder "
                      "here that would read the input");
    at.spec.input = InputKind::Queries;
    at.layer.dimOut = at.spec.dim;
    if (!at.need("rows", queries.rows))
      return;
    if (at.spec.context && at.spec.context != queries.rows)
      at.error("rows", "the context" + said(at.modelPlace("context")) +
                           " is said to be " + Twine(at.spec.context) +
                           ", there are " + Twine(queries.rows) +
                           " rows of queries; say that of the source in "
                           "'source'");
    at.spec.context = queries.rows;
  }

  WeightList weights(const Queries &queries, const Layer &layer,
                     const Spec &) const override {
    return {{"weight", {queries.rows, layer.dimOut}}};
  }
};

} // namespace

const Leaf &queriesLeaf() {
  static const QueriesLeaf leaf;
  return leaf;
}

} // namespace spec
