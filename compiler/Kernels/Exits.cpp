// Sequences that leave: their scores go out, the others move together.
#include "compiler/Kernels/StepArrays.h"
#include "compiler/Kernels/Tiles.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <limits>

using namespace mlir;
using namespace kernel;
using namespace kernels;

/// Of `left`: rows, sequences and tiles, then the numbers of the sequences.
static constexpr int64_t numbersAt = 3;

static void noteLeft(Emitter &e, Value left, ArrayRef<Value> counts) {
  for (auto [i, count] : llvm::enumerate(counts))
    e.store(e.asWord(count), left, {e.index(int64_t(i))});
}

void kernels::emitRemainAll(RemainAllOp op) {
  OpBuilder b(op);
  Emitter e(b, op.getLoc());
  auto count = [&](Count of) -> Value {
    return CountOp::create(b, e.loc, b.getIndexType(), of, op.getStep());
  };
  Value sequences = count(Count::Sequences);
  noteLeft(e, op.getLeft(),
           {count(Count::Rows), sequences, count(Count::Tiles)});
  e.loop(e.index(0), sequences, 1, [&](Value s) {
    e.store(e.asWord(s), op.getLeft(), {e.add(s, numbersAt)});
  });
  op.erase();
}

namespace {

struct Leave {
  LeaveOp op;
  Emitter &e;
  Value starts = {}, output = {};
  StepArrays arrays = {};

  Value words(Buffer which, ArrayRef<int64_t> shape) {
    return buffer(which, shape, e.b.getI32Type());
  }
  Value buffer(Buffer which, ArrayRef<int64_t> shape, Type type) {
    return BufferOp::create(e.b, e.loc, MemRefType::get(shape, type), which,
                            op.getStep(), e.index(0));
  }

  /// The largest softmax probability of a row of scores.
  Value surest(Value row) {
    Value scores = op.getScores();
    int64_t width = dimOf(scores, 1);
    Value none = e.splat(0, partials);
    auto load = [&](Value c, Value mask) {
      return e.loadColumns(scores, {row, c}, mask);
    };
    Value best = e.broadcast(e.largestColumn(width, load), partials);
    auto add = [&](Value sum, Value c, Value mask) -> Value {
      Value weight =
          emitExp(e, arith::SubFOp::create(e.b, e.loc, load(c, mask), best));
      if (mask)
        weight = e.select(mask, weight, none);
      return arith::AddFOp::create(e.b, e.loc, sum, weight);
    };
    Value sum = sumTree(e, e.foldColumns(width, none, add));
    return arith::DivFOp::create(e.b, e.loc, e.f32(1), sum);
  }

  /// Its rows never move back, so that they may move in place, in order.
  void stay(Value from, Value length, Value number, ValueRange next) {
    Value low = e.loadScalar(arrays.caches, {from, e.index(0)});
    Value high = e.loadScalar(arrays.caches, {from, e.index(1)});
    Value row = next[0], sequence = next[1], x = op.getInits()[0];
    e.ifThen(e.less(row, from), [&] {
      e.loop(e.index(0), length, 1,
             [&](Value i) { e.copyRow(x, e.add(from, i), x, e.add(row, i)); });
    });
    e.store(number, op.getLeft(), {e.add(sequence, numbersAt)});
    e.store(e.asWord(row), starts, {sequence});
    arrays.put(e, {sequence, row, length, low, high}, next[2]);
  }

  /// The next row, sequence and tile of those that are left.
  SmallVector<Value> decide(Value s, ValueRange next) {
    Value number = e.loadScalar(op.getLeft(), {e.add(s, numbersAt)});
    auto leave = [&] {
      Value at =
          arith::IndexCastOp::create(e.b, e.loc, e.b.getIndexType(), number);
      e.copyRow(op.getScores(), s, output, at);
    };
    if (!op.getAbove()) {
      leave();
      return SmallVector<Value>(next);
    }
    Value from = e.loadIndex(starts, {s});
    Value length = e.sub(e.loadIndex(starts, {e.add(s, 1)}), from);
    Value above = e.f32(op.getAbove()->convertToDouble());
    Value leaves = arith::CmpFOp::create(e.b, e.loc, arith::CmpFPredicate::OGE,
                                         surest(s), above);
    e.ifThen(leaves, leave, [&] { stay(from, length, number, next); });
    int64_t tile = op.getTile();
    Value tiles = e.div(e.add(length, tile - 1), tile), none = e.index(0);
    auto behind = [&](Value at, Value more) {
      return e.add(at, e.select(leaves, none, more));
    };
    return {behind(next[0], length), behind(next[1], e.index(1)),
            behind(next[2], tiles)};
  }

  void emit() {
    Value count = CountOp::create(e.b, e.loc, e.b.getIndexType(),
                                  Count::Sequences, op.getStep());
    int64_t rows = dimOf(op.getScores(), 0);
    starts = words(Buffer::Starts, {rows + 1});
    output = buffer(Buffer::Output, {rows, dimOf(op.getScores(), 1)},
                    e.b.getF32Type());
    arrays = {words(Buffer::Positions, {rows}), words(Buffer::Tiles, {rows, 4}),
              words(Buffer::Caches, {rows, 2}), int64_t(op.getTile())};
    Value zero = e.index(0);
    SmallVector<Value> ends =
        e.loop(zero, count, 1, {zero, zero, zero},
               [&](Value s, ValueRange next) { return decide(s, next); });
    if (!op.getAbove())
      return;
    e.store(e.asWord(ends[0]), starts, {ends[1]});
    noteLeft(e, op.getLeft(), ends);
  }
};

} // namespace

void kernels::emitLeave(LeaveOp op) {
  OpBuilder b(op);
  Emitter e(b, op.getLoc());
  Leave{op, e}.emit();
  op.erase();
}
