// kernel.short_conv -> for each sequence and panel of columns its rows in
// order, those before the step's first out of the cache, which then takes the
// last ones.
#include "compiler/Kernels/Tiles.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace kernel;
using namespace kernels;

namespace {

/// A panel of columns of the rows of one sequence.
class Panel {
public:
  Panel(ShortConvOp op, KernelFunction &f)
      : op(op), f(f), e(f.builder(), op.getLoc()), panel(f.extra(0)),
        first(f.extra(1)), end(f.extra(2)), lanes(op.getSchedule().getLanes()),
        vectors(op.getSchedule().getVectors()),
        columns(dimOf(op.getInput(), 1)), ragged(columns % (vectors * lanes)),
        before(op.depth() - 1) {}

  void emit(Value positions);

private:
  Value column(int64_t j) {
    return e.add(e.mul(panel, vectors * lanes), j * lanes);
  }
  Value input(Value row, Value column) {
    Value rows = f[op.getInput()];
    return ragged ? e.loadMasked(rows, {row, column},
                                 e.mask(e.sub(e.index(columns), column), lanes),
                                 lanes)
                  : e.load(rows, {row, column}, lanes);
  }
  /// Adds the places from `begin` to `end` of a window to the sums, rows that
  /// `load` gives.
  SmallVector<Value>
  weigh(Value begin, Value end, ValueRange sums,
        llvm::function_ref<Value(Value place, Value column)> load);
  void make(Value row);
  void clear();
  void keep();

  ShortConvOp op;
  KernelFunction &f;
  Emitter e;
  Value panel, first, end; ///< rows of the sequence
  int64_t lanes, vectors, columns;
  bool ragged;    ///< the last panel is not full
  int64_t before; ///< rows that a row sees before itself
  Value kept;     ///< so many rows, before the first one
};

} // namespace

SmallVector<Value>
Panel::weigh(Value begin, Value end, ValueRange sums,
             llvm::function_ref<Value(Value place, Value column)> load) {
  return e.loop(begin, end, 1, sums, [&](Value place, ValueRange so) {
    SmallVector<Value> next;
    for (int64_t j = 0; j < vectors; ++j) {
      Value weight =
          e.load(f[op.getWeight()], {panel, place, e.index(j * lanes)}, lanes);
      next.push_back(e.fma(load(place, column(j)), weight, so[j]));
    }
    return next;
  });
}

void Panel::make(Value row) {
  Value reach = e.sub(row, first); // rows before it in this step
  Value held = e.max(e.sub(e.index(before), reach), e.index(0));
  SmallVector<Value> sums;
  for (int64_t j = 0; j < vectors; ++j)
    sums.push_back(op.getBias() ? e.load(f[op.getBias()], {column(j)}, lanes)
                                : e.splat(0, lanes));
  sums = weigh(e.index(0), held, sums, [&](Value place, Value column) {
    return e.load(kept, {e.add(place, reach), column}, lanes);
  });
  Value origin = e.sub(row, e.index(before));
  sums = weigh(held, e.index(before + 1), sums, [&](Value place, Value column) {
    return input(e.add(origin, place), column);
  });
  storeTile(e, {sums}, f[op.getInits()[0]], row, column(0), lanes,
            ragged ? e.index(columns) : Value());
}

void Panel::clear() {
  e.loop(e.index(0), e.index(before), 1, [&](Value i) {
    for (int64_t j = 0; j < vectors; ++j)
      e.store(e.splat(0, lanes), kept, {i, column(j)});
  });
}

/// Of the rows that were kept and those of the step the last ones, in order, so
/// that none is overwritten before it has moved.
void Panel::keep() {
  Value rows = e.sub(end, first);
  e.loop(e.index(0), e.index(before), 1, [&](Value i) {
    Value from = e.add(i, rows);
    auto move = [&](llvm::function_ref<Value(Value column)> load) {
      for (int64_t j = 0; j < vectors; ++j)
        e.store(load(column(j)), kept, {i, column(j)});
    };
    e.ifThen(
        e.less(from, e.index(before)),
        [&] { move([&](Value c) { return e.load(kept, {from, c}, lanes); }); },
        [&] {
          Value row = e.add(first, e.sub(from, e.index(before)));
          move([&](Value c) { return input(row, c); });
        });
  });
}

void Panel::emit(Value positions) {
  kept = RowCacheOp::create(
      e.b, e.loc,
      MemRefType::get({before, op.paddedColumns()}, e.b.getF32Type()),
      f[op.getStep()], first, f[op.getSlot()]);
  e.ifThen(e.less(e.loadIndex(positions, {first}), e.index(1)),
           [&] { clear(); });
  e.loop(first, end, 1, [&](Value row) { make(row); });
  keep();
}

void kernels::emitShortConv(ShortConvOp op) {
  forSequences(op, "short_conv", op.getStep(), op.getInput(),
               dimOf(op.getWeight(), 0), {},
               [&](KernelFunction &f, Value positions) {
                 Panel(op, f).emit(positions);
               });
}
