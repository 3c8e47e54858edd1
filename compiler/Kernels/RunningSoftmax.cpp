// The running maximum, sums and output of one query: all arithmetic of
// attention that is not a product of tiles, in one order for every caller.
#include "compiler/Kernels/RunningSoftmax.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace kernel;
using namespace kernels;

// Finite, so that a query without a visible key so far stays a number.
static constexpr double lowest = -1e30;

static Value mulf(Emitter &e, Value x, Value y) {
  return arith::MulFOp::create(e.b, e.loc, x, y);
}

int64_t RunningSoftmax::width(AttentionOp op) {
  return AttentionOp::partialWidth(op.getCache());
}

Value RunningSoftmax::outputAt(Emitter &e, Value c) { return e.add(column, c); }
Value RunningSoftmax::sumsAt(Emitter &e) {
  return e.add(column, op.getCache().paddedValueDim());
}
Value RunningSoftmax::maximumAt(Emitter &e) {
  return e.add(column, op.getCache().paddedValueDim() + partials);
}

void RunningSoftmax::reset(Emitter &e) {
  e.loop(e.index(0), e.index(op.getCache().paddedValueDim() + partials),
         partials, [&](Value c) {
           e.store(e.splat(0, partials), buffer, {row, e.add(column, c)});
         });
  e.store(e.f32(lowest), buffer, {row, maximumAt(e)});
}

/// softmax is of scale * score; 2^x is cheaper than e^x. Capped and biased
/// scores have been scaled before.
static double factorOf(AttentionOp op) {
  bool scaled = op.getSoftcap() || op.getBias();
  return (scaled ? 1.0 : op.getScale().convertToDouble()) * log2e;
}

Value RunningSoftmax::weigh(Emitter &e, Value scores, Value maximum) {
  double factor = factorOf(op);
  int64_t lanes = cast<VectorType>(scores.getType()).getDimSize(0);
  Value d =
      arith::SubFOp::create(e.b, e.loc, scores, e.broadcast(maximum, lanes));
  return emitExp2(e, mulf(e, d, e.splat(factor, lanes)));
}

// Sums are relative to it and need not be below 1: it follows only to where
// weights would be larger than 2^8.
void RunningSoftmax::raise(Emitter &e, Value top) {
  Value before = e.loadScalar(buffer, {row, maximumAt(e)});
  Value room = e.f32(std::max(0.0, 8 / factorOf(op)));
  Value bound = arith::AddFOp::create(e.b, e.loc, before, room);
  Value grew =
      arith::CmpFOp::create(e.b, e.loc, arith::CmpFPredicate::OLT, bound, top);
  e.ifThen(grew, [&] {
    Value shrink = weigh(e, e.broadcast(before, partials), top);
    e.loop(e.index(0), e.index(op.getCache().paddedValueDim() + partials),
           partials, [&](Value c) {
             SmallVector<Value> at{row, e.add(column, c)};
             e.store(mulf(e, e.load(buffer, at, partials), shrink), buffer, at);
           });
    e.store(top, buffer, {row, maximumAt(e)});
  });
}

void RunningSoftmax::merge(Emitter &e, RunningSoftmax other) {
  Value mine = e.loadScalar(buffer, {row, maximumAt(e)});
  Value theirs = e.loadScalar(other.buffer, {other.row, other.maximumAt(e)});
  Value top = e.larger(mine, theirs);
  Value keep = weigh(e, e.broadcast(mine, partials), top);
  Value take = weigh(e, e.broadcast(theirs, partials), top);
  e.loop(e.index(0), e.index(op.getCache().paddedValueDim() + partials),
         partials, [&](Value c) {
           SmallVector<Value> at{row, e.add(column, c)};
           Value x = e.load(buffer, at, partials);
           Value y = e.load(other.buffer, {other.row, e.add(other.column, c)},
                            partials);
           e.store(e.fma(y, take, mulf(e, x, keep)), buffer, at);
         });
  e.store(top, buffer, {row, maximumAt(e)});
}

void RunningSoftmax::copy(Emitter &e, RunningSoftmax other) {
  e.loop(e.index(0), e.index(width(op)), partials, [&](Value c) {
    e.store(e.load(other.buffer, {other.row, e.add(other.column, c)}, partials),
            buffer, {row, e.add(column, c)});
  });
}

void RunningSoftmax::finish(Emitter &e, Value rows, Value at, Value head) {
  Value toColumn = e.mul(head, op.getCache().getValueDim());
  Value total = e.broadcast(
      sumTree(e, e.load(buffer, {row, sumsAt(e)}, partials)), partials);
  e.columns(op.getCache().getValueDim(), [&](Value c, Value mask) {
    Value o = e.load(buffer, {row, outputAt(e, c)}, partials);
    e.storeColumns(arith::DivFOp::create(e.b, e.loc, o, total), rows,
                   {at, e.add(toColumn, c)}, mask);
  });
}
