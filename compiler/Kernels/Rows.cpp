// Row passes: kernel.map and kernel.norm, every row by itself.
#include "compiler/Kernels/Cache.h"
#include "compiler/Kernels/Tiles.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace kernel;
using namespace kernels;

/// A row of a map, first made on the stack, into a cache of int8.
static void quantise(Emitter &e, const Destination &to, Value made, Value row) {
  Value position = e.loadIndex(to.positions, {row});
  Value cached = to.target == Target::Keys
                     ? keysOf(e, to.step, row, to.slot, to.cache)
                     : valuesOf(e, to.step, row, to.slot, to.cache);
  QuantisedRow{e,
               to.target,
               to.cache,
               made,
               cached,
               scalesOf(e, to.target, to.step, row, to.slot, to.cache),
               e.div(position, CacheAttr::block),
               e.rem(position, CacheAttr::block)}
      .store();
}

/// A row of a map into its destination, vector by vector.
static KernelFunction mapRow(MapOp op, Value positions) {
  SmallVector<Value> values(op->getOperands());
  values.push_back(positions);
  KernelFunction f(op, "map", values, 1);
  Emitter e(f.builder(), op.getLoc());
  Value row = f.extra(0);
  Extras extras;
  for (Value extra : op.getExtras())
    extras.buffers.push_back(f[extra]);
  extras.accesses = op.getAccesses();
  extras.period = op.getPeriod().value_or(0);
  extras.shift = op.getShift().value_or(0);
  extras.positions = f[positions];
  Destination to;
  to.target = op.getTarget();
  to.columns = op.getColumns();
  to.step = f[op.getStep()];
  to.positions = f[positions];
  if (to.target == Target::Rows) {
    to.rows = f[op.getInits()[0]];
  } else {
    to.slot = f[op.getSlot()];
    to.cache = *op.getCache();
  }
  bool quantises = to.cache && to.cache.getFormat() == Format::Int8;
  Destination into = to;
  if (quantises) {
    into.target = Target::Rows;
    into.rows = memref::AllocaOp::create(
        e.b, e.loc, MemRefType::get({1, to.columns}, e.b.getF32Type()),
        e.b.getI64IntegerAttr(64));
  }
  e.columns(op.getColumns(), [&](Value column, Value mask) {
    SmallVector<Value> arguments{
        e.loadColumns(f[op.getInput()], {row, column}, mask)};
    llvm::append_range(arguments, extras.load(e, op.getBody(), 1, row, column,
                                              partials, mask));
    Value result = inlineRegion(e, op.getBody(), arguments, partials);
    into.store(e, {SmallVector<Value>{result}}, quantises ? e.index(0) : row,
               column, partials, mask != nullptr);
  });
  if (quantises)
    quantise(e, to, into.rows, row);
  return f;
}

void kernels::emitMap(MapOp op) {
  OpBuilder b(op);
  Emitter e(b, op.getLoc());
  Value positions =
      positionsOf(b, op.getLoc(), op.getStep(),
                  cast<MemRefType>(op.getInput().getType()).getDimSize(0));
  KernelFunction f = mapRow(op, positions);
  Value count = CountOp::create(b, op.getLoc(), b.getIndexType(), op.getCount(),
                                op.getStep());
  e.parallel(count, [&](Value row) { f.call(e, {row}); });
  op.erase();
}

namespace {

/// The norm of one group of columns [base, base + width) of a row.
struct NormRow {
  Emitter &e;
  KernelFunction &f;
  NormOp op;
  Value row;
  int64_t width;

  Value input(Value base, Value column, Value mask) {
    return e.loadColumns(f[op.getInput()], {row, e.add(base, column)}, mask);
  }

  /// Sum over the columns of what `term` adds to each of 16 partial sums.
  Value sum(Emitter::Term term) {
    return sumTree(e, e.foldColumns(width, e.splat(0, partials), term));
  }

  Value mean(Value base) {
    Value total = sum([&](Value sum, Value c, Value mask) -> Value {
      return arith::AddFOp::create(e.b, e.loc, sum, input(base, c, mask));
    });
    return arith::DivFOp::create(e.b, e.loc, total, e.f32(width));
  }

  Value centred(Value base, Value c, Value mask, Value mean) {
    Value x = input(base, c, mask);
    if (!mean)
      return x;
    Value d = arith::SubFOp::create(e.b, e.loc, x, e.broadcast(mean, partials));
    if (mask)
      d = e.select(mask, d, e.splat(0, partials));
    return d;
  }

  void emit(Value base) {
    Value m = op.getNorm().getKind() == NormKind::Layer ? mean(base) : Value();
    Value squares = sum([&](Value sum, Value c, Value mask) -> Value {
      Value d = centred(base, c, mask, m);
      return e.fma(d, d, sum);
    });
    Value var = arith::DivFOp::create(e.b, e.loc, squares, e.f32(width));
    Value eps = e.f32(op.getNorm().getEps().getValueAsDouble());
    Value root = math::SqrtOp::create(
        e.b, e.loc, arith::AddFOp::create(e.b, e.loc, var, eps));
    Value inverse = e.broadcast(
        arith::DivFOp::create(e.b, e.loc, e.f32(1), root), partials);
    e.columns(width, [&](Value c, Value mask) {
      Value y =
          arith::MulFOp::create(e.b, e.loc, centred(base, c, mask, m), inverse);
      ValueRange weights = op.getNormWeights();
      if (weights.size() > 1)
        y = e.fma(y, e.loadColumns(f[weights[0]], {c}, mask),
                  e.loadColumns(f[weights[1]], {c}, mask));
      else if (weights.size() == 1)
        y = arith::MulFOp::create(e.b, e.loc, y,
                                  e.loadColumns(f[weights[0]], {c}, mask));
      e.storeColumns(y, f[op.getInits()[0]], {row, e.add(base, c)}, mask);
    });
  }
};

} // namespace

void kernels::emitNorm(NormOp op) {
  OpBuilder b(op);
  Emitter e(b, op.getLoc());
  KernelFunction f(op, "norm", op->getOperands(), 1);
  {
    Emitter inside(f.builder(), op.getLoc());
    int64_t all = cast<MemRefType>(op.getInput().getType()).getDimSize(1);
    int64_t group = op.getNorm().getGroup() ? op.getNorm().getGroup() : all;
    NormRow row{inside, f, op, f.extra(0), group};
    inside.loop(inside.index(0), inside.index(all / group), 1,
                [&](Value g) { row.emit(inside.mul(g, group)); });
  }
  Value count = CountOp::create(b, op.getLoc(), b.getIndexType(), op.getCount(),
                                op.getStep());
  e.parallel(count, [&](Value row) { f.call(e, {row}); });
  op.erase();
}
