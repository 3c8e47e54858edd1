// Real vectors from the caller are the rows.
#include "compiler/Spec/Leaves/Leaves.h"
#include "compiler/Spec/Parser.h"

using namespace llvm;

namespace spec {
namespace {

class RowsLeaf final : public LeafOf<Rows> {
public:
  RowsLeaf()
      : LeafOf("rows", "real vectors become rows: as they are, or mapped where "
                       "they are not as wide as the model") {}

private:
  void fields(Rows &rows, FieldVisitor &visitor) const override {
    visitor.size({"dim", "width of a vector"}, rows.dim);
    visitor.flag({"map", "`false`: they stay as wide as they are, whatever the "
                         "model's width"},
                 rows.map, true);
    visitor.flag({"bias", "adds a learned vector to each mapped row"},
                 rows.bias);
    visitor.word(dtypeField, rows.dtype);
  }

  void check(Rows &rows, LeafCheck &at) const override {
    if ((at.stack.started && !at.stack.incomplete) || at.nested)
      return at.error("'rows' takes real vectors as rows: it must be the first "
                      "layer");
    at.spec.input = InputKind::Rows;
    at.layer.dimOut = rows.map ? at.spec.dim : rows.dim;
    if (!contextOf(at.layer, at.spec) && !at.modelPlace("context").line)
      at.error("a model of rows needs 'context', the most rows of a sequence");
    if (!at.need("dim", rows.dim) || rows.dim != at.layer.dimOut)
      return;
    std::string why = rows.map
                          ? "rows of " + std::to_string(rows.dim) +
                                " are as wide as the model" +
                                said(at.modelPlace("dim")) + ": without a map"
                          : "without a map";
    for (StringRef field : {"bias", "dtype"})
      if (field == "bias" ? rows.bias : rows.dtype.has_value())
        at.error(field, why + " there is no '" + field + "'");
  }

  WeightList weights(const Rows &rows, const Layer &layer,
                     const Spec &) const override {
    if (rows.dim == layer.dimOut)
      return {};
    WeightList list = {{"weight", {layer.dimOut, rows.dim}}};
    if (rows.bias)
      list.push_back({"bias", {layer.dimOut}});
    return list;
  }
};

} // namespace

const Leaf &rowsLeaf() {
  static const RowsLeaf leaf;
  return leaf;
}

} // namespace spec
