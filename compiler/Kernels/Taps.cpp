// kernel.tap and kernel.tap_weights: what the caller wants to see is written to
// where it wants it, row by row, and nothing where it does not.
#include "compiler/Kernels/Cache.h"
#include "compiler/Kernels/RandomSegments.h"
#include "compiler/Kernels/ScoreBias.h"
#include "compiler/Kernels/Tiles.h"
#include "compiler/Kernels/Window.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace kernel;
using namespace kernels;

/// The first row that goes in of the sequence that the row is of.
template <class Op>
static Value firstOf(Emitter &e, Op op, KernelFunction &f, Value row,
                     Value position) {
  if (op.getFirsts().empty())
    return e.sub(row, position);
  for (Value firsts : op.getFirsts())
    row = e.loadIndex(f[firsts], {row});
  return row;
}

/// Calls body(place) where the caller wants the tap of the row; of rows that
/// are made by their position.
template <class Op>
static void ifWanted(Emitter &e, Op op, KernelFunction &f, Value row,
                     Value rows, Value position,
                     llvm::function_ref<void(Value)> body) {
  TapAttr tap = op.getTap();
  auto type = MemRefType::get({tap.getRounds(), tap.width()}, e.b.getF32Type());
  int64_t capacity = op.getCapacity().value_or(dimOf(rows, 0));
  auto placeOf = [&](Value row, Value behind) -> Value {
    return RowTapOp::create(e.b, e.loc, type, f[op.getStep()], row, behind,
                            e.b.getI64IntegerAttr(capacity), tap);
  };
  Value first = tap.getMade() ? firstOf(e, op, f, row, position) : row;
  Value place = placeOf(first, Value());
  Value address = memref::ExtractAlignedPointerAsIndexOp::create(
      e.b, e.loc, e.b.getIndexType(), place);
  Value wanted = arith::CmpIOp::create(e.b, e.loc, arith::CmpIPredicate::ne,
                                       address, e.index(0));
  if (!tap.getMade())
    return e.ifThen(wanted, [&] { body(place); });
  Value behind = position;
  if (int64_t skip = op.getSkip()) {
    behind = e.sub(position, e.index(skip));
    wanted = e.both(wanted, e.less(e.index(skip - 1), position));
  }
  e.ifThen(wanted, [&] { body(placeOf(first, behind)); });
}

/// Pairs that packing has made of halves become halves again.
static void copyHeads(Emitter &e, TapOp op, Value from, Value row, Value to,
                      Value round) {
  int64_t columns = op.getTap().getColumns(), half = op.getTurned() / 2;
  e.loop(e.index(0), e.index(op.getTap().getHeads()), 1, [&](Value head) {
    Value first = e.mul(head, columns);
    auto copy = [&](Value source, Value column) {
      Value x = e.loadScalar(from, {row, e.add(first, source)});
      e.store(x, to, {round, e.add(first, column)});
    };
    e.loop(e.index(0), e.index(half), 1, [&](Value d) {
      Value pair = e.mul(d, 2);
      copy(pair, d);
      copy(e.add(pair, 1), e.add(d, half));
    });
    e.loop(e.index(2 * half), e.index(columns), 1,
           [&](Value d) { copy(d, d); });
  });
}

void kernels::emitTap(TapOp op) {
  OpBuilder b(op);
  SmallVector<Value> positions;
  if (op.getTap().getMade())
    positions.push_back(
        positionsOf(b, op.getLoc(), op.getStep(), dimOf(op.getInput(), 0)));
  forRows(op, "tap", Count::Rows, op.getStep(), positions,
          [&](Emitter &e, KernelFunction &f, Value row) {
            Value position;
            if (!positions.empty())
              position = e.loadIndex(f[positions[0]], {row});
            ifWanted(e, op, f, row, op.getInput(), position, [&](Value to) {
              Value from = f[op.getInput()], round = f[op.getRound()];
              if (op.getTurned())
                return copyHeads(e, op, from, row, to, round);
              e.copyRow(from, row, to, round);
            });
          });
}

namespace {

constexpr int64_t block = CacheAttr::block;

/// The weights of one row and head: scores where the weights go, then, unless
/// these are wanted, exponentials and their shares.
struct Weights {
  TapWeightsOp op;
  KernelFunction &f;
  Emitter e;
  Value head, row, known; ///< head, row, rows of the sequence or its source

  Weights(TapWeightsOp op, KernelFunction &f)
      : op(op), f(f), e(f.builder(), op.getLoc()), head(f.extra(0)),
        row(f.extra(1)), known(f.extra(2)) {}

  CacheAttr cache = op.getCache();
  int64_t context = op.getTap().getColumns();
  Value to; ///< [rounds][H * context]
  Value keys, scales, position;
  Value first, limit; ///< keys that the row sees

  void emit(Value positions, Value limits);
  void findSeen(Value limits);
  void show(Value from, Value to);
  void showDrawn();
  Value score(Value b, Value column);
  void weigh();
  /// Replaces every weight w by change(w); masked columns are 0.
  void each(llvm::function_ref<Value(Value w, Value mask)> change);
  SmallVector<Value> at(Value c) {
    return {f[op.getRound()], e.add(e.mul(head, context), c)};
  }
  Value lessThan(Value x, Value y) {
    return arith::CmpFOp::create(e.b, e.loc, arith::CmpFPredicate::OLT, x, y);
  }
  Value onStack() {
    return memref::AllocaOp::create(
        e.b, e.loc, MemRefType::get({partials}, e.b.getF32Type()));
  }
};

/// cap(scale * q . k) + bias of 16 keys, d ascending.
Value Weights::score(Value b, Value column) {
  int64_t dim = cache.getHeadDim();
  Value group = e.div(head, op.getHeads() / cache.getKvHeads());
  Value from = e.mul(head, dim), first = e.mul(group, dim);
  Value s =
      e.loop(e.index(0), e.index(dim), 1, {e.splat(0, partials)},
             [&](Value d, ValueRange sum) -> SmallVector<Value> {
               Value q = e.loadScalar(f[op.getQuery()], {row, e.add(from, d)});
               return {e.fma(
                   e.broadcast(q, partials),
                   loadCached(e, keys, {b, e.add(first, d), column}, partials),
                   sum[0])};
             })[0];
  s = timesScale(e, s, scales, {b, group, column});
  auto times = [&](Value x, double y) -> Value {
    return arith::MulFOp::create(e.b, e.loc, x, e.splat(y, partials));
  };
  double scale = op.getScale().convertToDouble();
  if (op.getSoftcap()) {
    double cap = op.getSoftcap()->convertToDouble();
    s = times(emitTanh(e, times(s, scale / cap)), cap);
  } else {
    s = times(s, scale);
  }
  if (!op.getBias())
    return s;
  Value bias = loadBias(e, f[op.getBias()], *op.getZero(), head, position,
                        e.add(e.mul(b, block), column));
  return arith::AddFOp::create(e.b, e.loc, s, bias);
}

void Weights::each(llvm::function_ref<Value(Value, Value)> change) {
  e.columns(context, [&](Value c, Value mask) {
    e.storeColumns(change(e.loadColumns(to, at(c), mask), mask), to, at(c),
                   mask);
  });
}

void Weights::weigh() {
  Value least = e.splat(-INFINITY, partials), zero = e.splat(0, partials);
  Value best = onStack(), sums = onStack();
  SmallVector<Value> start{e.index(0)};
  e.store(least, best, start);
  e.store(zero, sums, start);
  each([&](Value s, Value mask) -> Value {
    if (mask)
      s = e.select(mask, s, least);
    Value most = e.load(best, start, partials);
    most = e.larger(most, s);
    e.store(most, best, start);
    return s;
  });
  Value top = e.broadcast(maxTree(e, e.load(best, start, partials)), partials);
  each([&](Value s, Value mask) -> Value {
    Value w = emitWeight(e, s, top);
    if (mask)
      w = e.select(mask, w, zero);
    Value sum = e.load(sums, start, partials);
    e.store(arith::AddFOp::create(e.b, e.loc, sum, w), sums, start);
    return w;
  });
  Value total =
      e.broadcast(sumTree(e, e.load(sums, start, partials)), partials);
  each([&](Value w, Value) -> Value {
    return arith::DivFOp::create(e.b, e.loc, w, total);
  });
}

void Weights::findSeen(Value limits) {
  first = e.index(0);
  limit = limits                         ? e.loadIndex(limits, {row})
          : op.getMask() == Mask::Causal ? e.add(position, 1)
                                         : known;
  if (!op.getWindow())
    return;
  std::tie(first, limit) = windowBesideGlobal(e, op, position, known);
  first = e.max(first, e.index(0));
}

/// Whole vectors of keys, of which those in [from, to) are kept.
void Weights::show(Value from, Value to) {
  Value start = e.mul(e.div(from, partials), partials);
  e.loop(start, to, partials, [&](Value c) {
    Value s = score(e.div(c, block), e.rem(c, block));
    Value kept = below(e, c, to);
    Value before = e.loadMasked(this->to, at(c), kept, partials);
    s = e.select(below(e, c, from), before, s);
    e.storeMasked(s, this->to, at(c), kept);
  });
}

void Weights::showDrawn() {
  RandomSegments random(e, op);
  Value group = e.div(head, op.getHeads() / cache.getKvHeads());
  Value count = random.draw(e, e.div(position, *op.getSegment()), group,
                            f[op.getRound()], known);
  e.loop(e.index(0), count, 1, [&](Value i) {
    auto rows = random.rows(e, i, known);
    show(rows.first, rows.second);
  });
}

// Some keys may be shown twice: they have the same scores.
void Weights::emit(Value positions, Value limits) {
  keys = keysOf(e, f[op.getStep()], row, f[op.getSlot()], cache);
  scales =
      scalesOf(e, Target::Keys, f[op.getStep()], row, f[op.getSlot()], cache);
  position = e.loadIndex(positions, {row});
  findSeen(limits);
  ifWanted(e, op, f, row, op.getQuery(), position, [&](Value place) {
    to = place;
    Value unseen = e.splat(-INFINITY, partials);
    each([&](Value, Value) { return unseen; });
    show(first, limit);
    if (op.getSinks())
      show(e.index(0), e.min(first, e.index(*op.getSinks())));
    if (op.getRandom())
      showDrawn();
    if (!op.getScores())
      weigh();
  });
}

} // namespace

void kernels::emitTapWeights(TapWeightsOp op) {
  OpBuilder b(op);
  SmallVector<Value> limits;
  if (op.getMask() == Mask::Prefix)
    limits.push_back(
        limitsOf(b, op.getLoc(), op.getStep(), dimOf(op.getQuery(), 0)));
  StringRef name = op.getScores() ? "tap_scores" : "tap_weights";
  forHeads(
      op, name, op.getStep(), op.getQuery(), op.getHeads(), limits,
      op.getMask() == Mask::Source, [&](KernelFunction &f, Value positions) {
        Weights(op, f).emit(positions, limits.empty() ? Value() : f[limits[0]]);
      });
}
