// The bias of attention's scores -> a table in the weights, a column for each
// distance that a sequence can have.
#include "compiler/Lowering/Lowering.h"

using namespace mlir;
using namespace lowering;

namespace {

/// Columns of a table whose ends are repeated: a vector of them may start
/// anywhere, see compiler/Kernels/ScoreBias.cpp.
struct Columns {
  static constexpr int64_t ends = 16;
  int64_t zero, count;

  Columns(int64_t reach, bool causal, int64_t context) {
    int64_t before = std::min(reach, context - 1);
    zero = ends + before;
    count = zero + 1 + (causal ? 0 : before) + ends;
  }
};

} // namespace

static kernel::PartAttr partOf(Lowering &l, kernel::Origin origin,
                               StringRef name, int64_t heads, Columns columns,
                               kernel::DistancesAttr distances) {
  return kernel::PartAttr::get(l.b.getContext(), origin, name, heads,
                               columns.count, 0, 0, FloatAttr(), FloatAttr(),
                               DenseF64ArrayAttr(), distances, 0);
}

Lowering::Bias Lowering::bias(transformer::AttentionOp op) {
  MLIRContext *context = b.getContext();
  Location loc = op.getLoc();
  if (auto alibi = op.getBias().getDefiningOp<transformer::AlibiOp>()) {
    Columns columns(alibi.getReach(), alibi.getCausal(), this->context);
    auto distances = kernel::DistancesAttr::get(
        context, columns.zero, alibi.getSlopesAttr(), 0, 0, false);
    return {generatedTable(loc, partOf(*this, kernel::Origin::Alibi, "",
                                       alibi.getSlopes().size(), columns,
                                       distances)),
            columns.zero};
  }
  auto relative = op.getBias().getDefiningOp<transformer::RelativeOp>();
  auto weight = relative.getTable().getDefiningOp<transformer::WeightOp>();
  auto shape = relative.getTable().getType().getShape();
  Columns columns(relative.getReach(), relative.getCausal(), this->context);
  auto distances = kernel::DistancesAttr::get(
      context, columns.zero, DenseF64ArrayAttr(), shape[0], relative.getReach(),
      relative.getCausal());
  auto type = MemRefType::get({shape[1], columns.count}, b.getF32Type());
  return {packed(weight,
                 partOf(*this, kernel::Origin::Buckets, nameOf(weight),
                        shape[1], columns, distances),
                 type, 0),
          columns.zero};
}
