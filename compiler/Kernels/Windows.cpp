// Windows on images and on rows: what they see side by side, and the step of
// the rows that they make.
#include "compiler/Kernels/StepArrays.h"
#include "compiler/Kernels/Tiles.h"
#include "compiler/Kernels/WindowRows.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace kernel;
using namespace kernels;

namespace {

/// Calls body(line, column) for all of a window's places, which has so many
/// lines.
void forPlaces(Emitter &e, int64_t lines, int64_t size,
               llvm::function_ref<void(Value, Value)> body) {
  e.loop(e.index(0), e.index(lines), 1, [&](Value y) {
    e.loop(e.index(0), e.index(size), 1, [&](Value x) { body(y, x); });
  });
}

} // namespace

// The row's sequence is found from the tile-independent `starts`: the input of
// sequence s begins at s * channels * height * width.
void kernels::emitPatches(PatchesOp op) {
  OpBuilder b(op);
  Location loc = op.getLoc();
  Value to = op.getInits()[0];
  int64_t capacity = dimOf(to, 0), size = op.getSize(), pad = op.getPad();
  int64_t stride = op.getStride().value_or(size);
  ArrayRef<int64_t> image = op.getImage();
  int64_t across = (image[2] + 2 * pad - size) / stride + 1;
  int64_t down = (image[1] + 2 * pad - size) / stride + 1;
  int64_t perInput = across * down + op.getSkip();
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  Value input = BufferOp::create(
      b, loc,
      MemRefType::get({capacity, image[0], image[1], image[2]}, b.getF32Type()),
      Buffer::Input, op.getStep(), zero);
  Value positions = positionsOf(b, loc, op.getStep(), capacity);
  forRows(op, "patches", Count::Rows, op.getStep(), {input, positions},
          [&](Emitter &e, KernelFunction &f, Value row) {
            // Every sequence has the same number of rows, whole in one step.
            Value sequence = e.div(row, perInput);
            Value position = e.loadIndex(f[positions], {row});
            Value patch = e.sub(position, e.index(op.getSkip()));
            Value before = e.less(position, e.index(op.getSkip()));
            auto copy = [&](Value c, Value y, Value x, Value line,
                            Value column) {
              auto put = [&](Value v) {
                Value at = e.add(e.mul(e.add(e.mul(c, size), y), size), x);
                e.store(v, f[to], {row, at});
              };
              auto pixel = [&] {
                put(e.loadScalar(f[input], {sequence, c, line, column}));
              };
              if (pad)
                e.ifThen(e.both(inside(e, line, e.index(image[1])),
                                inside(e, column, e.index(image[2]))),
                         pixel, [&] { put(e.f32(0)); });
              else
                pixel();
            };
            e.ifThen(
                before, [] {},
                [&] {
                  Value y0 = e.mul(e.div(patch, across), stride);
                  Value x0 = e.mul(e.rem(patch, across), stride);
                  if (pad) {
                    y0 = e.sub(y0, e.index(pad));
                    x0 = e.sub(x0, e.index(pad));
                  }
                  e.loop(e.index(0), e.index(image[0]), 1, [&](Value c) {
                    forPlaces(e, size, size, [&](Value y, Value x) {
                      copy(c, y, x, e.add(y0, y), e.add(x0, x));
                    });
                  });
                });
          });
}

void kernels::emitUnfold(UnfoldOp op) {
  OpBuilder b(op);
  Value to = op.getInits()[0];
  WindowRows seen = WindowRows::of(b, op);
  WindowsAttr windows = op.getWindows();
  int64_t size = windows.getSize(), channels = dimOf(op.getInput(), 1);
  int64_t lines = windows.hasGrid() ? size : 1, skip = windows.getSkip();

  auto emitRow = [&](Emitter &e, KernelFunction &f, Value row) {
    auto put = [&](Value y, Value x, Value from) {
      Value place = op.getOrder() == Order::Columns ? e.add(e.mul(x, lines), y)
                                                    : e.add(e.mul(y, size), x);
      if (op.getOrder() == Order::Channels)
        return e.loop(e.index(0), e.index(channels), 1, [&](Value c) {
          Value v = from ? e.loadScalar(f[op.getInput()], {from, c}) : e.f32(0);
          e.store(v, f[to], {row, e.add(e.mul(c, lines * size), place)});
        });
      Value at = e.mul(place, channels);
      e.columns(channels, [&](Value c, Value mask) {
        Value v = from ? e.loadColumns(f[op.getInput()], {from, c}, mask)
                       : e.splat(0, partials);
        e.storeColumns(v, f[to], {row, e.add(at, c)}, mask);
      });
    };
    auto putIf = [&](Value there, Value y, Value x, Value from) {
      if (!windows.getPad())
        return put(y, x, from);
      e.ifThen(there, [&] { put(y, x, from); }, [&] { put(y, x, Value()); });
    };
    Value position = seen.positionOf(e, f, row);
    auto emitWindow = [&] {
      WindowRows::Window window = seen.at(e, f, row, position);
      forPlaces(e, lines, size, [&](Value y, Value x) {
        Value column = e.add(window.left, x);
        if (windows.hasGrid()) {
          Value line = e.add(window.top, y);
          Value there =
              e.both(inside(e, line, e.index(windows.getLines())),
                     inside(e, column, e.index(windows.getColumns())));
          Value before = e.add(window.first, e.mul(line, windows.getColumns()));
          return putIf(there, y, x, e.add(before, column));
        }
        Value from = e.add(window.first, column);
        putIf(seen.sees(e, f, from, column), y, x, from);
      });
    };
    if (!skip)
      return emitWindow();
    e.ifThen(e.less(position, e.index(skip)), [] {}, [&] { emitWindow(); });
  };
  forRows(op, "unfold", Count::Rows, op.getMade(), seen.buffers(), emitRow);
}

// A thread has a row of a sequence; its sum is of all rows in order.
void kernels::emitMix(MixOp op) {
  OpBuilder b(op);
  Location loc = op.getLoc();
  Value to = op.getInits()[0];
  Value starts = BufferOp::create(
      b, loc, MemRefType::get({dimOf(op.getInput(), 0) + 1}, b.getI32Type()),
      Buffer::Starts, op.getStep(), arith::ConstantIndexOp::create(b, loc, 0));
  int64_t mixtures = dimOf(op.getTable(), 0);
  auto emitRow = [&](Emitter &e, KernelFunction &f, Value row) {
    Value sequence = e.div(row, mixtures);
    Value mixture = e.sub(row, e.mul(sequence, mixtures));
    Value first = e.loadIndex(f[starts], {sequence});
    Value end = e.loadIndex(f[starts], {e.add(sequence, 1)});
    Value length = e.sub(end, first);
    e.columns(dimOf(to, 1), [&](Value c, Value mask) {
      auto add = [&](Value t, ValueRange sum) -> SmallVector<Value> {
        Value weight =
            e.broadcast(e.loadScalar(f[op.getTable()], {mixture, t}), partials);
        Value x = e.loadColumns(f[op.getInput()], {e.add(first, t), c}, mask);
        return {e.fma(weight, x, sum[0])};
      };
      Value sum = e.loop(e.index(0), length, 1, {e.splat(0, partials)}, add)[0];
      e.storeColumns(sum, f[to], {row, c}, mask);
    });
  };
  forRows(op, "mix", Count::Rows, op.getMade(), {starts}, emitRow);
}

/// The rows that windows make of a sequence of so many.
static Value madeOf(Emitter &e, WindowsAttr windows, Value length) {
  if (windows.hasGrid())
    return e.index(windows.on(windows.getLines()) *
                       windows.on(windows.getColumns()) +
                   windows.getSkip());
  Value places = e.add(length, 2 * windows.getPad());
  Value size = e.index(windows.getSize());
  Value room = e.sub(places, size);
  Value made = e.add(e.div(room, windows.getStride()), 1);
  return e.select(e.less(places, size), e.index(0), made);
}

// One sequence after the other: each begins where the one before ends.
void kernels::emitUnfoldedStep(UnfoldedStepOp op) {
  OpBuilder b(op);
  Emitter e(b, op.getLoc());
  Value step = op.getStep(), zero = e.index(0), one = e.index(1);
  int64_t sequences = dimOf(op.getSources(), 0);
  auto words = [&](Buffer which, ArrayRef<int64_t> shape) -> Value {
    return BufferOp::create(b, e.loc, MemRefType::get(shape, b.getI32Type()),
                            which, step, zero);
  };
  Value starts = words(Buffer::Starts, {sequences + 1});
  Value caches = words(Buffer::Caches, {dimOf(op.getFirsts(), 0), 2});
  Value count =
      CountOp::create(b, e.loc, b.getIndexType(), Count::Sequences, step);
  StepArrays arrays{op.getPositions(), op.getTiles(), op.getCaches(),
                    int64_t(op.getTile())};
  auto body = [&](Value s, ValueRange carried) -> SmallVector<Value> {
    Value row = carried[0], tile = carried[1];
    Value from = e.loadIndex(starts, {s});
    Value length = e.sub(e.loadIndex(starts, {e.add(s, 1)}), from);
    Value made = madeOf(e, op.getWindows(), length);
    e.store(e.asWord(row), op.getStarts(), {s});
    e.store(e.asWord(made), op.getSources(), {s});
    Value low = e.loadScalar(caches, {from, zero});
    Value high = e.loadScalar(caches, {from, one});
    Value next = arrays.put(e, {s, row, made, low, high}, tile, [&](Value at) {
      e.store(e.asWord(from), op.getFirsts(), {at});
    });
    return {e.add(row, made), next};
  };
  SmallVector<Value> ends = e.loop(zero, count, 1, {zero, zero}, body);
  e.store(e.asWord(ends[0]), op.getStarts(), {count});
  auto made = MadeStepOp::create(
      b, e.loc, step.getType(), ends[0], ends[1], step, op.getPositions(),
      op.getStarts(), op.getTiles(), op.getCaches(), op.getSources());
  op.replaceAllUsesWith(made.getResult());
  op.erase();
}
