// transformer.linear_attention -> kernel.linear_attention over the state that
// the sequence keeps in its cache.
#include "compiler/Lowering/Lowering.h"

using namespace mlir;
using namespace lowering;

kernel::StateAttr Lowering::stateOf(transformer::LinearAttentionOp op) {
  auto width = [](Value rows) {
    return cast<RankedTensorType>(rows.getType()).getDimSize(1);
  };
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
  Value to = l.destination(
      loc, cast<RankedTensorType>(op.getResult().getType()).getDimSize(1));
  auto mask = op.getMask() == transformer::Mask::Causal ? kernel::Mask::Causal
                                                        : kernel::Mask::None;
  auto attention = kernel::LinearAttentionOp::create(
      l.b, loc, TypeRange{to.getType()}, l.step, l.rows(op.getQ()),
      l.rows(op.getK()), l.rows(op.getV()), slot, to, op.getHeadsAttr(),
      kernel::MaskAttr::get(context, mask),
      kernel::DivisorAttr::get(context, divisorOf(op.getNormalise())), state);
  l.recurrent = true;
  l.replace(op, attention.getResult(0), kernel::Count::Rows);
  return success();
}
