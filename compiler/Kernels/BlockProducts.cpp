// The two products of a tile of queries with a block of keys and values.
#include "compiler/Kernels/Cache.h"
#include "compiler/Kernels/QueryTile.h"
#include "compiler/Kernels/Tiles.h"

using namespace mlir;
using namespace kernel;
using namespace kernels;

/// How many of the available vectors side by side: the schedule's tile has room
/// for more of them where there are fewer queries.
static int64_t vectorsOf(QueryTile &t, int64_t available) {
  ScheduleAttr schedule = t.op.getSchedule();
  int64_t room = schedule.getRows() * schedule.getVectors() / t.height;
  return std::min<int64_t>(llvm::bit_floor<uint64_t>(room), available);
}

// Keys of a block that lie side by side belong to many columns, and values of a
// column to many keys: in neither order does a processor see what comes next.
// So each step of one product brings a share of what the next one reads.
static void fetch(QueryTile &t, Value buffer, ArrayRef<Value> from, Value step,
                  int64_t elements, int64_t steps) {
  Emitter &e = t.e;
  if (t.height == 1) // waits for memory anyway
    return;
  int64_t words =
      llvm::divideCeil(elements * t.cache.elementBytes(), 4 * steps);
  int64_t lines = std::max<int64_t>(1, (words + 8) / 16);
  int64_t share = llvm::divideCeil(elements, steps * lines);
  for (int64_t i = 0; i < lines; ++i) {
    SmallVector<Value> at(from);
    at.push_back(e.mul(e.add(e.mul(step, lines), i), share));
    e.prefetch(buffer, at, /*locality=*/2);
  }
}

/// Of the register tile from `first` on, `vectors` vectors of keys from `c` on.
static void scoreKeys(QueryTile &t, const KeyBlock &block, Value first, Value c,
                      int64_t vectors) {
  Emitter &e = t.e;
  int64_t dim = t.cache.getHeadDim(), lanes = t.lanes, width = vectors * lanes;
  Value b = block.number, group = t.queries.group, column = e.mul(group, dim);
  SmallVector<Value> zeros(t.height * vectors, e.splat(0, lanes));
  auto sums = multiplyTile(
      e, e.index(dim), t.height, vectors, lanes, zeros,
      [&](int64_t i, Value d) {
        return e.loadScalar(t.query, {e.add(first, i), d});
      },
      [&](Value d, int64_t j) {
        if (j == 0)
          fetch(t, t.values, {b, group, e.index(0)},
                e.add(e.mul(e.div(c, width), dim), d),
                KeyBlock::size * t.cache.paddedValueDim(),
                KeyBlock::size / width * dim);
        return loadCached(e, t.keys, {b, e.add(column, d), e.add(c, j * lanes)},
                          lanes);
      });
  for (int64_t i = 0; i < t.height; ++i)
    for (int64_t j = 0; j < vectors; ++j) {
      Value key = e.add(c, j * lanes);
      Value sum = sums[i * vectors + j];
      e.store(timesScale(e, sum, t.keyScales, {b, group, key}), t.scores,
              {e.add(first, i), key});
    }
}

// Wide passes, then of the keys that are left no more lines than there are.
void kernels::scoreBlock(QueryTile &t, const KeyBlock &block) {
  Emitter &e = t.e;
  int64_t vectors = vectorsOf(t, KeyBlock::size / t.lanes);
  int64_t width = vectors * t.lanes, narrow = std::min(width, partials);
  auto score = [&](Value from, Value to, int64_t width) {
    e.loop(from, to, width, [&](Value c) {
      eachReader(t, block, c, [&](Value first) {
        scoreKeys(t, block, first, c, width / t.lanes);
      });
    });
  };
  if (narrow == width)
    return score(e.index(0), block.end, width);
  Value whole = e.div(e.add(block.end, narrow - 1), width);
  score(e.index(0), e.mul(whole, width), width);
  score(e.mul(whole, width), block.end, narrow);
}

/// Columns from `c` on of the register tile from `first` on.
static void gatherColumns(QueryTile &t, const KeyBlock &block, Value first,
                          Value c, int64_t vectors) {
  Emitter &e = t.e;
  int64_t dim = t.cache.getHeadDim(), lanes = t.lanes;
  int64_t passes = llvm::divideCeil(t.cache.paddedValueDim(), vectors * lanes);
  Value b = block.number, group = t.queries.group;
  SmallVector<Value> before;
  auto place = [&](int64_t i, int64_t j) {
    return SmallVector<Value>{e.add(first, i), e.add(c, j * lanes)};
  };
  for (int64_t i = 0; i < t.height; ++i)
    for (int64_t j = 0; j < vectors; ++j)
      before.push_back(e.load(t.state, place(i, j), lanes));
  auto after = multiplyTile(
      e, block.endOf(first), t.height, vectors, lanes, before,
      [&](int64_t i, Value key) {
        return e.loadScalar(t.scores, {e.add(first, i), key});
      },
      [&](Value key, int64_t j) {
        if (j == 0)
          fetch(t, t.keys, {e.add(b, 1), e.mul(group, dim)},
                e.add(e.mul(e.div(c, vectors * lanes), KeyBlock::size), key),
                KeyBlock::size * dim, passes * KeyBlock::size);
        return loadCached(e, t.values, {b, group, key, e.add(c, j * lanes)},
                          lanes);
      });
  for (int64_t i = 0; i < t.height; ++i)
    for (int64_t j = 0; j < vectors; ++j)
      e.store(after[i * vectors + j], t.state, place(i, j));
}

void kernels::gatherBlock(QueryTile &t, const KeyBlock &block) {
  Emitter &e = t.e;
  int64_t width = t.cache.paddedValueDim() / t.lanes;
  int64_t vectors = vectorsOf(t, width), full = width / vectors * vectors;
  auto gather = [&](Value c, int64_t vectors) {
    eachReader(t, block, e.index(0), [&](Value first) {
      gatherColumns(t, block, first, c, vectors);
    });
  };
  e.loop(e.index(0), e.index(full * t.lanes), vectors * t.lanes,
         [&](Value c) { gather(c, vectors); });
  if (full != width)
    gather(e.index(full * t.lanes), width - full);
}
