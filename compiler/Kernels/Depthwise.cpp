// kernel.depthwise -> for each block of rows, as many rows of a line at a time
// as their sums fit the registers; where a window reaches over an edge one row,
// of the places that are there.
#include "compiler/Kernels/Tiles.h"
#include "compiler/Kernels/WindowRows.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace kernel;
using namespace kernels;

namespace {

/// Rows that a thread takes at a time.
constexpr int64_t block = 16;

/// The places of a window that are there, from those lines and columns up to
/// the second ones.
struct Places {
  Value top, bottom, left, right;
};

class Depthwise {
public:
  Depthwise(DepthwiseOp op, Emitter &e, KernelFunction &f,
            const WindowRows &seen)
      : op(op), e(e), f(f), seen(seen), windows(op.getWindows()),
        size(windows.getSize()), stride(windows.getStride()),
        lanes(op.getSchedule().getLanes()),
        panelWidth(op.getSchedule().getVectors() * lanes) {}

  /// Makes the row, and those behind it if a tile of them lies inside; how many
  /// it has made.
  Value make(Value row, Value end);

private:
  /// Whether the windows of a tile of rows see rows of their sequence alone.
  Value fits(const WindowRows::Window &window, Value row, Value end);
  Places all(const WindowRows::Window &window);
  Places cut(const WindowRows::Window &window);
  void makeRows(int64_t rows, Value row, Value origin, const Places &places);
  void makePanel(int64_t rows, Value row, Value origin, const Places &places,
                 Value panel, int64_t columns);

  DepthwiseOp op;
  Emitter &e;
  KernelFunction &f;
  const WindowRows &seen;
  WindowsAttr windows;
  int64_t size, stride, lanes, panelWidth;
};

} // namespace

/// -i, or 0 where that is less.
static Value below(Emitter &e, Value i) {
  return e.max(e.sub(e.index(0), i), e.index(0));
}

Value Depthwise::fits(const WindowRows::Window &window, Value row, Value end) {
  int64_t rows = op.getSchedule().getRows();
  int64_t reach = (rows - 1) * stride + size; // columns that they see
  Value there = e.both(e.less(e.add(row, rows - 1), end),
                       e.less(e.index(-1), window.left));
  if (windows.hasGrid())
    return e.both(
        there, e.less(window.left, e.index(windows.getColumns() - reach + 1)));
  return e.both(there, seen.sees(e, f, e.add(window.origin, reach - 1),
                                 e.add(window.left, reach - 1)));
}

/// Of windows that lie in their lines as a whole.
Places Depthwise::all(const WindowRows::Window &window) {
  Places places{e.index(0), e.index(1), e.index(0), e.index(size)};
  if (!windows.hasGrid())
    return places;
  places.top = below(e, window.top);
  places.bottom =
      e.min(e.index(size), e.sub(e.index(windows.getLines()), window.top));
  return places;
}

// How long a sequence is only its rows say: those that are there come first.
Places Depthwise::cut(const WindowRows::Window &window) {
  Places places = all(window);
  places.left = below(e, window.left);
  if (windows.hasGrid()) {
    places.right =
        e.min(e.index(size), e.sub(e.index(windows.getColumns()), window.left));
    return places;
  }
  auto count = [&](Value x, ValueRange so) -> SmallVector<Value> {
    Value there =
        seen.sees(e, f, e.add(window.origin, x), e.add(window.left, x));
    return {e.add(so[0], e.select(there, e.index(1), e.index(0)))};
  };
  places.right = e.loop(places.left, e.index(size), 1, {places.left}, count)[0];
  return places;
}

/// One panel of `columns` columns, of rows whose windows begin at `origin` and,
/// one after the other, `stride` rows behind.
void Depthwise::makePanel(int64_t rows, Value row, Value origin,
                          const Places &places, Value panel, int64_t columns) {
  int64_t vectors = llvm::divideCeilSigned(columns, lanes);
  Value first = e.mul(panel, panelWidth), end;
  if (columns % lanes)
    end = e.add(first, columns);
  auto column = [&](int64_t j) { return e.add(first, j * lanes); };
  auto read = [&](Value from, int64_t j) {
    Value input = f[op.getInput()], c = column(j);
    return end ? e.loadMasked(input, {from, c}, e.mask(e.sub(end, c), lanes),
                              lanes)
               : e.load(input, {from, c}, lanes);
  };
  SmallVector<Value> sums;
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < vectors; ++j)
      sums.push_back(op.getBias() ? e.load(f[op.getBias()], {column(j)}, lanes)
                                  : e.splat(0, lanes));
  auto addLine = [&](Value y, ValueRange so) {
    Value line = e.add(origin, e.mul(y, windows.getColumns()));
    auto addPlace = [&](Value x, ValueRange so) {
      Value place = e.add(e.mul(y, size), x);
      SmallVector<Value> weights, next;
      for (int64_t j = 0; j < vectors; ++j)
        weights.push_back(e.load(f[op.getWeight()],
                                 {panel, place, e.index(j * lanes)}, lanes));
      for (int64_t i = 0; i < rows; ++i)
        for (int64_t j = 0; j < vectors; ++j)
          next.push_back(e.fma(read(e.add(e.add(line, x), i * stride), j),
                               weights[j], so[i * vectors + j]));
      return next;
    };
    return e.loop(places.left, places.right, 1, so, addPlace);
  };
  sums = e.loop(places.top, places.bottom, 1, sums, addLine);
  SmallVector<SmallVector<Value>> tile;
  for (int64_t i = 0; i < rows; ++i)
    tile.emplace_back(ArrayRef(sums).slice(i * vectors, vectors));
  storeTile(e, tile, f[op.getInits()[0]], row, first, lanes, end);
}

void Depthwise::makeRows(int64_t rows, Value row, Value origin,
                         const Places &places) {
  int64_t columns = dimOf(op.getInput(), 1), full = columns / panelWidth;
  if (full)
    e.loop(e.index(0), e.index(full), 1, [&](Value panel) {
      makePanel(rows, row, origin, places, panel, panelWidth);
    });
  if (int64_t rest = columns - full * panelWidth)
    makePanel(rows, row, origin, places, e.index(full), rest);
}

Value Depthwise::make(Value row, Value end) {
  int64_t rows = op.getSchedule().getRows();
  Value position = seen.positionOf(e, f, row);
  WindowRows::Window window = seen.at(e, f, row, position);
  Value isMade = e.less(e.index(windows.getSkip() - 1), position);
  auto one = [&] { makeRows(1, row, window.origin, cut(window)); };
  if (rows == 1) {
    e.ifThen(isMade, one);
    return e.index(1);
  }
  Value whole = e.both(isMade, fits(window, row, end));
  e.ifThen(
      whole, [&] { makeRows(rows, row, window.origin, all(window)); },
      [&] { e.ifThen(isMade, one); });
  return e.select(whole, e.index(rows), e.index(1));
}

void kernels::emitDepthwise(DepthwiseOp op) {
  OpBuilder b(op);
  Emitter outside(b, op.getLoc());
  WindowRows seen = WindowRows::of(b, op);
  Value count = CountOp::create(b, op.getLoc(), b.getIndexType(), Count::Rows,
                                op.getMade());
  SmallVector<Value> values(op->getOperands());
  llvm::append_range(values, seen.buffers());
  values.push_back(count);
  KernelFunction f(op, "depthwise", values, 1);
  Emitter e(f.builder(), op.getLoc());
  Depthwise depthwise(op, e, f, seen);
  Value begin = e.mul(f.extra(0), block);
  Value end = e.min(e.add(begin, block), f[count]);
  e.loopWhile(
      begin, [&](Value row) { return e.less(row, end); },
      [&](Value row) { return e.add(row, depthwise.make(row, end)); });
  Value blocks = outside.div(outside.add(count, block - 1), block);
  outside.parallel(blocks, [&](Value i) { f.call(outside, {i}); });
  op.erase();
}
