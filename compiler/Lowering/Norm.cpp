// transformer.norm -> kernel.norm, a row pass.
#include "compiler/Lowering/Lowering.h"

using namespace mlir;
using namespace lowering;

LogicalResult lowering::lowerNorm(Lowering &l, transformer::NormOp op) {
  Value x = l.rows(op.getX());
  SmallVector<Value> weights;
  if (op.getWeight())
    weights.push_back(l.vectorWeight(op.getWeight(), op.getOffset()));
  if (op.getBias()) {
    if (!op.getWeight())
      return op.emitError("with a bias needs a weight");
    weights.push_back(l.vectorWeight(op.getBias()));
  }
  int64_t width = cast<RankedTensorType>(x.getType()).getDimSize(1);
  // A row is read before it is written: nobody else needs it, so in place.
  Value to = op.getX().hasOneUse() ? x : l.destination(op.getLoc(), width);
  auto kind = op.getKind() == transformer::NormKind::Layer
                  ? kernel::NormKind::Layer
                  : kernel::NormKind::Rms;
  auto norm = kernel::NormOp::create(
      l.b, op.getLoc(), TypeRange{to.getType()}, l.countOf(op.getX()), l.step,
      x, weights, to,
      kernel::NormAttr::get(l.b.getContext(), kind, op.getEpsAttr(),
                            op.getGroup()));
  l.replace(op, norm.getResult(0), l.countOf(op.getX()));
  return success();
}
