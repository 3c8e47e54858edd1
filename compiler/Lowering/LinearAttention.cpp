// transformer.linear_attention -> kernel.linear_attention over the state that
// the sequence keeps in its cache.
#include "compiler/Lowering/Lowering.h"

using namespace mlir;
using namespace lowering;

kernel::StateAttr Lowering::stateOf(transformer::LinearAttentionOp op) {
  int64_t groups = op.getKvHeads();
  return kernel::StateAttr::get(b.getContext(), groups,
                                width(op.getK()) / groups,
                                width(op.getV()) / groups);
}

LogicalResult
lowering::lowerLinearAttention(Lowering &l, transformer::LinearAttentionOp op) {
  Location loc = op.getLoc();
  MLIRContext *context = l.b.getContext();
  kernel::StateAttr state = l.stateOf(op);
  Value slot = l.takeSlot(loc, state.bytes());
  Value to = l.destination(loc, width(op.getResult()));
  auto attention = kernel::LinearAttentionOp::create(
      l.b, loc, TypeRange{to.getType()}, l.step, l.rows(op.getQ()),
      l.rows(op.getK()), l.rows(op.getV()), slot, to, op.getHeadsAttr(),
      kernel::MaskAttr::get(context, maskOf(op.getMask())),
      kernel::DivisorAttr::get(context, divisorOf(op.getNormalise())), state);
  l.recurrent = true;
  l.replace(op, attention.getResult(0), kernel::Count::Rows);
  return success();
}
