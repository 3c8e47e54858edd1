// Learned rows before each sequence: the class token and its like.
#include "compiler/Spec/Leaves/Leaves.h"

using namespace llvm;

namespace spec {
namespace {

class PrependLeaf final : public LeafOf<Prepend> {
public:
  PrependLeaf()
      : LeafOf("prepend", "learned rows are put before each sequence", "what") {
  }

private:
  static Words words() {
    static constexpr StringRef table[] = {"class", "distillation", "registers",
                                          "queries"};
    return table;
  }

  void fields(Prepend &prepend, FieldVisitor &visitor) const override {
    unsigned index = llvm::find(words(), prepend.what) - words().begin();
    visitor.choice({"what", "what the rows are for; names them to the reader"},
                   index, words());
    if (index < words().size())
      prepend.what = words()[index].str();
    visitor.size({"rows", "how many"}, prepend.rows);
  }

  void check(Prepend &prepend, LeafCheck &at) const override {
    if (at.nested)
      return at.error("'prepend' changes the number of rows: it must stand in "
                      "the model's own list of layers");
    if (at.refusePooled())
      return;
    if (at.stack.attends)
      return at.error("'prepend' behind layers whose rows see each other is "
                      "not supported yet");
    if (!at.stack.prepend)
      at.stack.prepend = &at.layer;
    at.stack.rows += prepend.rows;
    at.leaveGrid("puts rows before them that have no place there");
    if (at.spec.input != InputKind::Image && at.spec.context &&
        at.stack.rows >= at.spec.context)
      at.error("rows", Twine(at.stack.rows) +
                           " prepended rows leave no room for others in a "
                           "context of " +
                           Twine(at.spec.context));
  }

  WeightList weights(const Prepend &prepend, const Layer &layer,
                     const Spec &) const override {
    return {{"weight", {prepend.rows, layer.dimIn}}};
  }
};

} // namespace

const Leaf &prependLeaf() {
  static const PrependLeaf leaf;
  return leaf;
}

} // namespace spec
