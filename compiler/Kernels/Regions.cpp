// A fused region on vectors: scalar ops become the same ops on vectors, and the
// functions that hardware lacks become polynomials.
#include "compiler/Kernels/Emitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace kernels;

static Value swapPairs(Emitter &e, Value v, int64_t lanes) {
  SmallVector<int64_t> order;
  for (int64_t i = 0; i < lanes; ++i)
    order.push_back(i ^ 1);
  return vector::ShuffleOp::create(e.b, e.loc, v, v, order);
}

static Type onVectors(Type type, int64_t lanes) {
  return VectorType::get({lanes}, type);
}

/// `op` of the region with operands and results as vectors.
static Value vectorise(Emitter &e, Operation &op, IRMapping &map,
                       int64_t lanes) {
  auto operand = [&] { return map.lookup(op.getOperand(0)); };
  if (auto constant = dyn_cast<arith::ConstantOp>(op))
    return e.splat(cast<FloatAttr>(constant.getValue()).getValueAsDouble(),
                   lanes);
  if (isa<kernel::SwapPairsOp>(op))
    return swapPairs(e, operand(), lanes);
  if (isa<math::ExpOp>(op))
    return emitExp(e, operand());
  if (isa<math::TanhOp>(op))
    return emitTanh(e, operand());
  if (isa<math::ErfOp>(op))
    return emitErf(e, operand());
  Operation *copy = e.b.clone(op, map);
  for (OpResult result : copy->getResults())
    result.setType(onVectors(result.getType(), lanes));
  return copy->getResult(0);
}

Value kernels::inlineRegion(Emitter &e, Region &region, ValueRange arguments,
                            int64_t lanes) {
  IRMapping map;
  map.map(region.getArguments(), arguments);
  for (Operation &op : region.front()) {
    // Canonicalisation moves constants out of regions.
    for (Value operand : op.getOperands())
      if (!map.contains(operand))
        map.map(operand, vectorise(e, *operand.getDefiningOp(), map, lanes));
    if (op.hasTrait<OpTrait::IsTerminator>())
      return map.lookup(op.getOperand(0));
    map.map(op.getResult(0), vectorise(e, op, map, lanes));
  }
  llvm_unreachable("a region ends with a yield");
}
