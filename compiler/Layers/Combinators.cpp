// Layers made of layers: sums and repetitions.
#include "compiler/Layers/LayerBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace layers {

Value build(LayerBuilder &at, const spec::Layer &,
            const spec::Residual &residual, Value x) {
  return at.create<arith::AddFOp>(x, at.build(residual.layers, x));
}

Value build(LayerBuilder &at, const spec::Layer &,
            const spec::Parallel &parallel, Value x) {
  Value sum;
  for (const spec::Layer &branch : parallel.branches) {
    Value y = at.build(branch, x);
    sum = sum ? at.create<arith::AddFOp>(sum, y) : y;
  }
  return sum;
}

Value build(LayerBuilder &at, const spec::Layer &, const spec::Outputs &outputs,
            Value x) {
  Value row;
  for (const spec::Layer &branch : outputs.branches) {
    Value y = at.build(branch, x);
    row = row ? at.create<transformer::JoinHeadsOp>(row, y, 0, 1) : y;
  }
  return row;
}

// An exit that nobody takes makes no scores.
Value build(LayerBuilder &at, const spec::Layer &, const spec::Exit &exit,
            Value x) {
  if (!exit.above)
    return x;
  Value scores = at.build(exit.layers, x);
  return at.create<transformer::ExitOp>(x, scores, at.rows, *exit.above);
}

Value build(LayerBuilder &at, const spec::Layer &,
            const spec::Sequence &sequence, Value x) {
  return at.build(sequence.layers, x);
}

Value build(LayerBuilder &at, const spec::Layer &, const spec::Repeat &repeat,
            Value x) {
  Value first = at.create<arith::ConstantIndexOp>(0);
  Value end = at.create<arith::ConstantIndexOp>(repeat.count);
  Value step = at.create<arith::ConstantIndexOp>(1);
  auto loop = scf::ForOp::create(at.builder, at.here(), first, end, step, x);
  OpBuilder::InsertionGuard guard(at.builder);
  at.builder.setInsertionPointToStart(loop.getBody());
  if (!repeat.share)
    at.indices.push_back(loop.getInductionVar());
  Value result = at.build(repeat.layers, loop.getRegionIterArg(0));
  if (!repeat.share)
    at.indices.pop_back();
  scf::YieldOp::create(at.builder, at.here(), result);
  return loop.getResult(0);
}

} // namespace layers
