// transformer.random_features -> kernel.random_features, one row after the
// other; transformer.linear_attention -> kernel.linear_attention over the state
// that the sequence keeps in its cache.
#include "compiler/Lowering/Lowering.h"

using namespace mlir;
using namespace lowering;

kernel::StateAttr Lowering::stateOf(transformer::LinearAttentionOp op) {
  int64_t groups = op.getKvHeads();
  return kernel::StateAttr::get(b.getContext(), groups,
                                width(op.getK()) / groups,
                                width(op.getV()) / groups);
}

LogicalResult lowering::lowerRandomFeatures(Lowering &l,
                                            transformer::RandomFeaturesOp op) {
  constexpr int64_t panel = kernel::RandomFeaturesOp::panel;
  auto weight = op.getWeight().getDefiningOp<transformer::WeightOp>();
  int64_t features = op.getWeight().getType().getDimSize(0);
  int64_t headDim = width(op.getWeight());
  Value packed =
      l.packed(weight, l.part(weight, features, headDim),
               kernel::panelType(l.b.getContext(), kernel::Format::F32,
                                 llvm::divideCeilSigned(features, panel),
                                 headDim, panel),
               panel);
  kernel::Count count = l.countOf(op.getX());
  Value to = l.destination(op.getLoc(), width(op.getResult()));
  auto made = kernel::RandomFeaturesOp::create(
      l.b, op.getLoc(), TypeRange{to.getType()}, count, l.step,
      l.rows(op.getX()), packed, to, op.getHeads(), op.getRelative());
  l.replace(op, made.getResult(0), count);
  return success();
}

LogicalResult
lowering::lowerLinearAttention(Lowering &l, transformer::LinearAttentionOp op) {
  Location loc = op.getLoc();
  MLIRContext *context = l.b.getContext();
  kernel::StateAttr state = l.stateOf(op);
  Value slot = l.takeSlot(loc, state.bytes());
  Value decay = op.getDecay();
  if (decay)
    decay = transformer::areRows(decay) ? l.rows(decay) : l.vectorWeight(decay);
  Value delta = op.getDelta() ? l.rows(op.getDelta()) : Value();
  Value to = l.destination(loc, width(op.getResult()));
  auto attention = kernel::LinearAttentionOp::create(
      l.b, loc, TypeRange{to.getType()}, l.step, l.rows(op.getQ()),
      l.rows(op.getK()), l.rows(op.getV()), slot, decay, delta, to,
      op.getHeadsAttr(), kernel::MaskAttr::get(context, maskOf(op.getMask())),
      kernel::DivisorAttr::get(context, divisorOf(op.getNormalise())), state);
  l.recurrent = true;
  l.replace(op, attention.getResult(0), kernel::Count::Rows);
  return success();
}
