// kernel.grid_attention -> for each head and tile of a grid: its keys side by
// side as columns and its values as rows, on the stack, then its queries in
// register tiles: all their scores, weights in their place, values gathered.
//
// Places of a tile that the grid's edges cut off stay, as places that nobody
// sees, so that every two rows have the offset that their numbers have in a
// whole tile.
#include "compiler/Kernels/Tiles.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

#include <numeric>

using namespace mlir;
using namespace kernel;
using namespace kernels;

namespace {

/// Sizes that the op alone decides.
struct Sizes {
  explicit Sizes(GridAttentionOp op)
      : side(op.getTile()), places(side * side), headDim(op.headDim()),
        valueDim(op.valueDim()), lanes(op.getSchedule().getLanes()),
        room(op.getSchedule().getRows() * op.getSchedule().getVectors()) {
    int64_t most = op.getSchedule().getRows();
    // Register tiles of about one height, not full ones and a rest.
    height = llvm::divideCeil(places, llvm::divideCeil(places, most));
    wide = std::min<int64_t>(op.getSchedule().getVectors(),
                             llvm::divideCeil(places, partials) * partials /
                                 lanes);
    columns = llvm::alignTo(places, std::lcm(partials, wide * lanes));
  }

  int64_t side, places;      ///< of a tile: lines, rows
  int64_t headDim, valueDim; ///< D, E
  int64_t lanes, room;       ///< accumulators of a register tile
  int64_t height, wide;      ///< queries; vectors of keys
  int64_t columns;           ///< places, rounded up for vectors of keys
  int64_t paddedValueDim() const { return llvm::alignTo(valueDim, partials); }
};

struct Grid {
  GridAttentionOp op;
  KernelFunction &f;
  Emitter e;
  Sizes size;
  Value head, image, tile;

  Grid(GridAttentionOp op, KernelFunction &f)
      : op(op), f(f), e(f.builder(), op.getLoc()), size(op), head(f.extra(0)),
        image(f.extra(1)), tile(f.extra(2)) {}

  Value keyHead;                  ///< g(h)
  Value rows, unseen, queries;    ///< of places: row, 0 or -inf; of queries:
                                  ///< place
  Value keys, values;             ///< [D][columns], [places][padded E]
  Value query, scores, sums, out; ///< [height][...]
  Value count, end;               ///< rows of the tile, its last place + 1
  Value used;                     ///< `end`, rounded up for vectors of keys

  Value onStack(ArrayRef<int64_t> shape) {
    return memref::AllocaOp::create(e.b, e.loc,
                                    MemRefType::get(shape, e.b.getF32Type()),
                                    e.b.getI64IntegerAttr(64));
  }
  Value list(int64_t length) {
    return memref::AllocaOp::create(
        e.b, e.loc, MemRefType::get({length}, e.b.getIndexType()));
  }

  void emit();
  std::pair<Value, Value> span(Value number, int64_t length);
  void findPlaces();
  void gatherRows();
  void loadQueries(Value first, Value left);
  void score();
  void weigh(Value i, Value place);
  void gather();
  void gatherColumns(Value c, int64_t vectors);
  void finish(Value i, Value place);
};

/// Where the tile of that number begins on a side of the grid, and its length:
/// the first one ends at the shift, or is whole.
std::pair<Value, Value> Grid::span(Value number, int64_t length) {
  int64_t before = op.getShift() ? size.side - op.getShift() : 0;
  Value from = e.sub(e.mul(number, size.side), e.index(before));
  Value to = e.min(e.add(from, size.side), e.index(length));
  from = e.max(from, e.index(0));
  return {from, e.sub(to, from)};
}

// Places behind the grid's edges stand for the rows beside them.
void Grid::findPlaces() {
  int64_t height = op.getGrid()[0], width = op.getGrid()[1];
  int64_t across = op.tilesOf(width);
  auto [top, lines] = span(e.div(tile, across), height);
  auto [left, length] = span(e.rem(tile, across), width);
  Value lastLine = e.sub(lines, e.index(1)), last = e.sub(length, e.index(1));
  Value corner =
      e.add(e.add(e.mul(image, height * width), e.mul(top, width)), left);
  end = e.add(e.mul(lastLine, size.side), length);
  int64_t vectors = size.wide * size.lanes;
  used = e.mul(e.div(e.add(end, vectors - 1), vectors), vectors);
  e.loop(e.index(0), used, 1, [&](Value place) {
    Value y = e.div(place, size.side), x = e.rem(place, size.side);
    Value there = e.both(e.less(y, lines), e.less(x, length));
    e.store(e.select(there, e.f32(0), e.f32(-INFINITY)), unseen, {place});
    e.store(
        e.add(e.add(corner, e.mul(e.min(y, lastLine), width)), e.min(x, last)),
        rows, {place});
  });
  count = e.mul(lines, length);
  e.loop(e.index(0), lines, 1, [&](Value y) {
    e.loop(e.index(0), length, 1, [&](Value x) {
      e.store(e.add(e.mul(y, size.side), x), queries,
              {e.add(e.mul(y, length), x)});
    });
  });
}

void Grid::gatherRows() {
  Value key = e.mul(keyHead, size.headDim);
  Value value = e.mul(keyHead, size.valueDim);
  e.loop(e.index(0), used, 1, [&](Value place) {
    Value row = e.loadScalar(rows, {place});
    e.loop(e.index(0), e.index(size.headDim), 1, [&](Value d) {
      e.store(e.loadScalar(f[op.getKey()], {row, e.add(key, d)}), keys,
              {d, place});
    });
  });
  e.loop(e.index(0), end, 1, [&](Value place) {
    Value row = e.loadScalar(rows, {place});
    e.columns(size.valueDim, [&](Value c, Value mask) {
      e.store(e.loadColumns(f[op.getValue()], {row, e.add(value, c)}, mask),
              values, {place, c});
    });
  });
}

// Behind the last query its copies keep the register tile full.
void Grid::loadQueries(Value first, Value left) {
  Value base = e.mul(head, size.headDim);
  e.loop(e.index(0), e.index(size.height), 1, [&](Value i) {
    Value from = e.min(i, e.sub(left, e.index(1)));
    Value place = e.loadScalar(queries, {e.add(first, from)});
    Value row = e.loadScalar(rows, {place});
    e.columns(size.headDim, [&](Value c, Value mask) {
      e.store(e.loadColumns(f[op.getQuery()], {row, e.add(base, c)}, mask),
              query, {i, c});
    });
  });
}

void Grid::score() {
  int64_t lanes = size.lanes;
  e.loop(e.index(0), used, size.wide * lanes, [&](Value c) {
    SmallVector<Value> zeros(size.height * size.wide, e.splat(0, lanes));
    auto dots = multiplyTile(
        e, e.index(size.headDim), size.height, size.wide, lanes, zeros,
        [&](int64_t i, Value d) {
          return e.loadScalar(query, {e.index(i), d});
        },
        [&](Value d, int64_t j) {
          return e.load(keys, {d, e.add(c, j * lanes)}, lanes);
        });
    for (int64_t i = 0; i < size.height; ++i)
      for (int64_t j = 0; j < size.wide; ++j)
        e.store(dots[i * size.wide + j], scores,
                {e.index(i), e.add(c, j * lanes)});
  });
}

// Scores of a query become weights, relative to the largest; their sum divides
// the values later.
void Grid::weigh(Value i, Value place) {
  Value scale = e.splat(op.getScale().convertToDouble(), partials);
  Value bias = e.add(e.mul(head, size.places), place);
  Value most = e.loop(e.index(0), end, partials, {e.splat(-INFINITY, partials)},
                      [&](Value c, ValueRange most) -> SmallVector<Value> {
                        Value s = e.load(scores, {i, c}, partials);
                        Value added = e.load(unseen, {c}, partials);
                        if (op.getBias())
                          added = arith::AddFOp::create(
                              e.b, e.loc, added,
                              e.load(f[op.getBias()], {bias, c}, partials));
                        s = e.fma(s, scale, added);
                        e.store(s, scores, {i, c});
                        return {e.larger(most[0], s)};
                      })[0];
  Value top = e.broadcast(maxTree(e, most), partials);
  Value sum = e.loop(e.index(0), end, partials, {e.splat(0, partials)},
                     [&](Value c, ValueRange sum) -> SmallVector<Value> {
                       Value w =
                           emitWeight(e, e.load(scores, {i, c}, partials), top);
                       e.store(w, scores, {i, c});
                       return {arith::AddFOp::create(e.b, e.loc, sum[0], w)};
                     })[0];
  e.store(sumTree(e, sum), sums, {i});
}

void Grid::gather() {
  int64_t width = size.paddedValueDim() / size.lanes;
  int64_t vectors =
      std::min<int64_t>(std::max<int64_t>(size.room / size.height, 1), width);
  int64_t full = width / vectors * vectors;
  e.loop(e.index(0), e.index(full * size.lanes), vectors * size.lanes,
         [&](Value c) { gatherColumns(c, vectors); });
  if (full != width)
    gatherColumns(e.index(full * size.lanes), width - full);
}

void Grid::gatherColumns(Value c, int64_t vectors) {
  int64_t lanes = size.lanes;
  SmallVector<Value> zeros(size.height * vectors, e.splat(0, lanes));
  auto mixed = multiplyTile(
      e, end, size.height, vectors, lanes, zeros,
      [&](int64_t i, Value place) {
        return e.loadScalar(scores, {e.index(i), place});
      },
      [&](Value place, int64_t j) {
        return e.load(values, {place, e.add(c, j * lanes)}, lanes);
      });
  for (int64_t i = 0; i < size.height; ++i)
    for (int64_t j = 0; j < vectors; ++j)
      e.store(mixed[i * vectors + j], out, {e.index(i), e.add(c, j * lanes)});
}

void Grid::finish(Value i, Value place) {
  Value row = e.loadScalar(rows, {place});
  Value base = e.mul(head, size.valueDim);
  Value sum = e.broadcast(e.loadScalar(sums, {i}), partials);
  e.columns(size.valueDim, [&](Value c, Value mask) {
    Value y =
        arith::DivFOp::create(e.b, e.loc, e.load(out, {i, c}, partials), sum);
    e.storeColumns(y, f[op.getInits()[0]], {row, e.add(base, c)}, mask);
  });
}

void Grid::emit() {
  rows = list(size.columns);
  queries = list(size.places);
  unseen = onStack({size.columns});
  keys = onStack({size.headDim, size.columns});
  values = onStack({size.places, size.paddedValueDim()});
  query =
      onStack({size.height, int64_t(llvm::alignTo(size.headDim, partials))});
  scores = onStack({size.height, size.columns});
  sums = onStack({size.height});
  out = onStack({size.height, size.paddedValueDim()});
  keyHead = e.div(head, op.getHeads() / op.getKvHeads());
  findPlaces();
  gatherRows();
  e.loop(e.index(0), count, size.height, [&](Value first) {
    Value left = e.min(e.sub(count, first), e.index(size.height));
    auto each = [&](llvm::function_ref<void(Value i, Value place)> body) {
      e.loop(e.index(0), left, 1, [&](Value i) {
        body(i, e.loadScalar(queries, {e.add(first, i)}));
      });
    };
    loadQueries(first, left);
    score();
    each([&](Value i, Value place) { weigh(i, place); });
    gather();
    each([&](Value i, Value place) { finish(i, place); });
  });
}

} // namespace

void kernels::emitGridAttention(GridAttentionOp op) {
  OpBuilder b(op);
  Emitter e(b, op.getLoc());
  KernelFunction f(op, "grid_attention", op->getOperands(), 3);
  Grid(op, f).emit();
  int64_t tiles = op.tilesOf(op.getGrid()[0]) * op.tilesOf(op.getGrid()[1]);
  Value images = CountOp::create(b, op.getLoc(), b.getIndexType(),
                                 Count::Sequences, op.getStep());
  // Heads of a tile one after the other: they read the same rows.
  int64_t heads = op.getHeads();
  e.parallel(e.mul(images, tiles * heads), [&](Value i) {
    Value item = e.div(i, heads);
    f.call(e, {e.rem(i, heads), e.div(item, tiles), e.rem(item, tiles)});
  });
  op.erase();
}
