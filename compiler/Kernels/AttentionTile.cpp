// Blocks of 64 keys in ascending order: scores of the tile in a small buffer,
// then weights in their place, then values gathered into the output.
//
// A query's result does not depend on the queries beside it: a block that it
// may not see leaves its maximum, sums and output exactly as they were.
#include "compiler/Kernels/AttentionTile.h"

#include "compiler/Kernels/Cache.h"
#include "compiler/Kernels/RandomSegments.h"
#include "compiler/Kernels/ScoreBias.h"
#include "compiler/Kernels/Tiles.h"
#include "compiler/Kernels/Window.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace kernel;
using namespace kernels;

namespace {

constexpr int64_t block = CacheAttr::block;

struct Tile {
  AttentionOp op;
  KernelFunction &f;
  Emitter e;
  int64_t height;
  Queries queries;

  Value positions, limits; ///< of all rows; limits with a prefix

  Tile(AttentionOp op, KernelFunction &f, int64_t height, Value positions,
       Value limits)
      : op(op), f(f), e(f.builder(), op.getLoc()), height(height),
        queries(Queries::fromExtras(f, op)), positions(positions),
        limits(limits) {}

  CacheAttr cache = op.getCache();
  int64_t lanes = op.getSchedule().getLanes();
  int64_t shared = op.getHeads() / cache.getKvHeads(); ///< heads of a group
  Value keys, values, keyScales, valueScales;
  Value query, scores, state, total; ///< [height][...], on the stack
  Value firstLimit, lastLimit; ///< keys that the first and last query may see
  Value firstBlock, endBlock;
  Value tilePosition; ///< of its first row, with a window
  std::optional<RandomSegments> random;

  Value onStack(int64_t columns) {
    return memref::AllocaOp::create(
        e.b, e.loc, MemRefType::get({height, columns}, e.b.getF32Type()),
        e.b.getI64IntegerAttr(64));
  }
  Value number(Value i) { return e.add(queries.first, i); }
  Value rowOf(Value i) { return e.add(queries.row, e.div(number(i), shared)); }
  Value headOf(Value i) {
    Value head = e.mul(queries.group, shared);
    return shared == 1 ? head : e.add(head, e.rem(number(i), shared));
  }
  RunningSoftmax at(Value buffer, Value i) {
    return {op, buffer, i, e.index(0)};
  }
  void each(llvm::function_ref<void(Value i)> body) {
    e.loop(e.index(0), queries.count, 1, body);
  }

  void emit();
  void findLimits();
  std::pair<Value, Value> seenBy(Value row);
  void loadQueries();
  void emitChunks();
  void finish(Value softmax);
  void emitBlock(Value b);
  void emitBlock(Value b, Value limit, llvm::function_ref<void()> hide);
  void emitDrawn();
  void emitSinks(Value from, Value to);
  void eachSinkChunk(Value from, Value end,
                     llvm::function_ref<void(Value chunk)> body);
  int64_t vectorsOf(int64_t available);
  void score(Value b, Value end);
  void fetch(Value buffer, ArrayRef<Value> from, Value step, int64_t elements,
             int64_t steps);
  void cap();
  void bias(Value b);
  void mask(Value b);
  void hideAllBut(Value b, Value segment, Value from, Value to);
  void eachVector(Value i, Value from,
                  llvm::function_ref<Value(Value base, Value s)> change);
  void weigh(Value b, Value i);
  void gather(Value b, Value end);
  void gatherColumns(Value b, Value end, Value c, int64_t vectors);
};

/// How many of the available vectors side by side: the schedule's tile has room
/// for more of them where there are fewer queries.
int64_t Tile::vectorsOf(int64_t available) {
  ScheduleAttr schedule = op.getSchedule();
  int64_t room = schedule.getRows() * schedule.getVectors() / height;
  return std::min<int64_t>(llvm::bit_floor<uint64_t>(room), available);
}

// Keys of a block that lie side by side belong to many columns, and values of a
// column to many keys: in neither order does a processor see what comes next.
// So each step of one product brings a share of what the next one reads.
void Tile::fetch(Value buffer, ArrayRef<Value> from, Value step,
                 int64_t elements, int64_t steps) {
  if (height == 1) // waits for memory anyway
    return;
  int64_t words = llvm::divideCeil(elements * cache.elementBytes(), 4 * steps);
  int64_t lines = std::max<int64_t>(1, (words + 8) / 16);
  int64_t share = llvm::divideCeil(elements, steps * lines);
  for (int64_t i = 0; i < lines; ++i) {
    SmallVector<Value> at(from);
    at.push_back(e.mul(e.add(e.mul(step, lines), i), share));
    e.prefetch(buffer, at, /*locality=*/2);
  }
}

// scores[i, key] = query[i] . key for keys below `end` of the block.
void Tile::score(Value b, Value end) {
  int64_t dim = cache.getHeadDim(), vectors = vectorsOf(block / lanes);
  Value first = e.mul(queries.group, dim);
  e.loop(e.index(0), end, vectors * lanes, [&](Value c) {
    SmallVector<Value> zeros(height * vectors, e.splat(0, lanes));
    auto sums = multiplyTile(
        e, e.index(dim), height, vectors, lanes, zeros,
        [&](int64_t i, Value d) {
          return e.loadScalar(query, {e.index(i), d});
        },
        [&](Value d, int64_t j) {
          if (j == 0)
            fetch(values, {b, queries.group, e.index(0)},
                  e.add(e.mul(e.div(c, vectors * lanes), dim), d),
                  block * cache.paddedValueDim(),
                  block / (vectors * lanes) * dim);
          return loadCached(e, keys, {b, e.add(first, d), e.add(c, j * lanes)},
                            lanes);
        });
    for (int64_t i = 0; i < height; ++i)
      for (int64_t j = 0; j < vectors; ++j) {
        Value key = e.add(c, j * lanes);
        e.store(timesScale(e, sums[i * vectors + j], keyScales,
                           {b, queries.group, key}),
                scores, {e.index(i), key});
      }
  });
}

// cap * tanh(scale * s / cap).
void Tile::cap() {
  double cap = op.getSoftcap()->convertToDouble();
  double inner = op.getScale().convertToDouble() / cap;
  each([&](Value i) {
    e.loop(e.index(0), e.index(block), partials, [&](Value c) {
      Value s = e.load(scores, {i, c}, partials);
      s = arith::MulFOp::create(e.b, e.loc, s, e.splat(inner, partials));
      s = arith::MulFOp::create(e.b, e.loc, emitTanh(e, s),
                                e.splat(cap, partials));
      e.store(s, scores, {i, c});
    });
  });
}

// Capped scores have their scale; others get it here.
void Tile::bias(Value b) {
  Value scale = e.splat(op.getScale().convertToDouble(), partials);
  Value from = e.mul(b, block), table = f[op.getBias()];
  each([&](Value i) {
    Value position = e.loadIndex(positions, {rowOf(i)}), head = headOf(i);
    e.loop(e.index(0), e.index(block), partials, [&](Value c) {
      Value s = e.load(scores, {i, c}, partials);
      Value bias =
          loadBias(e, table, *op.getZero(), head, position, e.add(from, c));
      s = op.getSoftcap() ? arith::AddFOp::create(e.b, e.loc, s, bias)
                          : e.fma(s, scale, bias);
      e.store(s, scores, {i, c});
    });
  });
}

// -inf where a query must not look: behind its last key, before its first.
void Tile::mask(Value b) {
  Value from = e.mul(b, block);
  Value minus = e.splat(-INFINITY, partials);
  each([&](Value i) {
    Value limit = firstLimit, start;
    if (limits)
      limit = e.loadIndex(limits, {rowOf(i)});
    else if (op.getWindow())
      std::tie(start, limit) = seenBy(e.div(number(i), shared));
    else if (op.getMask() == Mask::Causal)
      limit = e.add(
          limit, e.sub(e.div(number(i), shared), e.div(queries.first, shared)));
    eachVector(i, from, [&](Value base, Value s) -> Value {
      s = e.select(below(e, base, limit), s, minus);
      if (!op.getWindow())
        return s;
      Value hidden = below(e, base, start);
      if (!op.getSinks())
        return e.select(hidden, minus, s);
      return e.select(below(e, base, e.index(*op.getSinks())), s,
                      e.select(hidden, minus, s));
    });
  });
}

/// Changes the scores of a query, 16 keys at a time, in a block from `from` on.
void Tile::eachVector(Value i, Value from,
                      llvm::function_ref<Value(Value base, Value s)> change) {
  e.loop(e.index(0), e.index(block), partials, [&](Value c) {
    Value base = e.add(from, c);
    Value s = e.load(scores, {i, c}, partials);
    e.store(change(base, s), scores, {i, c});
  });
}

// Keys [from, to) have been drawn for the queries of a segment: these see them
// now, unless they do so anyway.
void Tile::hideAllBut(Value b, Value segment, Value from, Value to) {
  Value start = e.mul(b, block), minus = e.splat(-INFINITY, partials);
  each([&](Value i) {
    Value row = e.div(number(i), shared);
    auto seen = seenBy(row);
    Value own = arith::CmpIOp::create(
        e.b, e.loc, arith::CmpIPredicate::eq,
        e.div(e.add(tilePosition, row), *op.getSegment()), segment);
    Value end = e.select(own, to, e.index(0));
    eachVector(i, start, [&](Value base, Value s) -> Value {
      Value fresh = e.select(below(e, base, seen.second), minus, s);
      fresh = e.select(below(e, base, seen.first), s, fresh);
      if (op.getSinks())
        fresh = e.select(below(e, base, e.index(*op.getSinks())), minus, fresh);
      fresh = e.select(below(e, base, end), fresh, minus);
      return e.select(below(e, base, from), minus, fresh);
    });
  });
}

// Scores of a query become weights, 16 keys at a time; then the values' scales
// are in them, which are no part of the sum.
void Tile::weigh(Value b, Value i) {
  RunningSoftmax softmax = at(state, i);
  auto load = [&](Value c) { return e.load(scores, {i, c}, partials); };
  Value most =
      e.loop(e.index(partials), e.index(block), partials, {load(e.index(0))},
             [&](Value c, ValueRange most) -> SmallVector<Value> {
               Value s = load(c);
               Value less = arith::CmpFOp::create(
                   e.b, e.loc, arith::CmpFPredicate::OLT, most[0], s);
               return {e.select(less, s, most[0])};
             })[0];
  Value maximum = softmax.raise(e, maxTree(e, most));
  SmallVector<Value> sums{i, softmax.sumsAt(e)};
  Value sum = e.loop(
      e.index(0), e.index(block), partials, {e.load(state, sums, partials)},
      [&](Value c, ValueRange sum) -> SmallVector<Value> {
        Value p = softmax.weigh(e, load(c), maximum);
        e.store(timesScale(e, p, valueScales, {b, queries.group, c}), scores,
                {i, c});
        return {arith::AddFOp::create(e.b, e.loc, sum[0], p)};
      })[0];
  e.store(sum, state, sums);
}

// output[i] += weight * value for keys below `end` of the block.
void Tile::gather(Value b, Value end) {
  int64_t columns = cache.paddedValueDim(), width = columns / lanes;
  int64_t vectors = vectorsOf(width), full = width / vectors * vectors;
  e.loop(e.index(0), e.index(full * lanes), vectors * lanes,
         [&](Value c) { gatherColumns(b, end, c, vectors); });
  if (full != width)
    gatherColumns(b, end, e.index(full * lanes), width - full);
}

void Tile::gatherColumns(Value b, Value end, Value c, int64_t vectors) {
  int64_t dim = cache.getHeadDim();
  int64_t passes = llvm::divideCeil(cache.paddedValueDim(), vectors * lanes);
  SmallVector<Value> before;
  auto place = [&](int64_t i, int64_t j) {
    return SmallVector<Value>{e.index(i), e.add(c, j * lanes)};
  };
  for (int64_t i = 0; i < height; ++i)
    for (int64_t j = 0; j < vectors; ++j)
      before.push_back(e.load(state, place(i, j), lanes));
  auto after = multiplyTile(
      e, end, height, vectors, lanes, before,
      [&](int64_t i, Value key) {
        return e.loadScalar(scores, {e.index(i), key});
      },
      [&](Value key, int64_t j) {
        if (j == 0)
          fetch(keys, {e.add(b, 1), e.mul(queries.group, dim)},
                e.add(e.mul(e.div(c, vectors * lanes), block), key),
                block * dim, passes * block);
        return loadCached(e, values,
                          {b, queries.group, key, e.add(c, j * lanes)}, lanes);
      });
  for (int64_t i = 0; i < height; ++i)
    for (int64_t j = 0; j < vectors; ++j)
      e.store(after[i * vectors + j], state, place(i, j));
}

void Tile::emitBlock(Value b) {
  emitBlock(b, lastLimit, [&] {
    // All queries see all of the block unless it reaches over the first's end.
    if (op.getWindow())
      mask(b);
    else
      e.ifThen(e.less(firstLimit, e.mul(e.add(b, 1), block)), [&] { mask(b); });
  });
}

/// A block of which keys below `limit` are read and `hide` hides some.
void Tile::emitBlock(Value b, Value limit, llvm::function_ref<void()> hide) {
  Value end = e.min(e.sub(limit, e.mul(b, block)), e.index(block));
  score(b, end);
  if (op.getSoftcap())
    cap();
  if (op.getBias())
    bias(b);
  hide();
  each([&](Value i) { weigh(b, i); });
  gather(b, end);
}

void Tile::findLimits() {
  firstLimit = lastLimit = queries.known;
  if (limits) {
    firstLimit = e.loadIndex(limits, {rowOf(e.index(0))});
    Value last = e.sub(queries.count, e.index(1));
    lastLimit = e.loadIndex(limits, {rowOf(last)});
  }
  if (op.getMask() == Mask::Causal) {
    Value position = e.add(e.loadIndex(positions, {queries.row}), 1);
    firstLimit = e.add(position, e.div(queries.first, shared));
    Value last = e.sub(e.add(queries.first, queries.count), e.index(1));
    lastLimit = e.add(position, e.div(last, shared));
  }
  firstBlock = e.index(0);
  if (op.getWindow()) {
    tilePosition = e.loadIndex(positions, {queries.row});
    Value last = e.sub(e.add(queries.first, queries.count), e.index(1));
    Value first;
    std::tie(first, firstLimit) = seenBy(e.div(queries.first, shared));
    lastLimit = seenBy(e.div(last, shared)).second;
    if (op.getGlobal()) // the first of them sees the most
      lastLimit = arith::MaxSIOp::create(e.b, e.loc, firstLimit, lastLimit);
    first = arith::MaxSIOp::create(e.b, e.loc, first, firstBlock);
    firstBlock = e.div(first, block);
  }
  endBlock = e.div(e.add(lastLimit, block - 1), block);
}

/// Keys [from, to) that a row of the tile, by number, sees beside the sinks.
std::pair<Value, Value> Tile::seenBy(Value row) {
  return windowBesideGlobal(e, op, e.add(tilePosition, row), queries.known);
}

// Side by side, whichever rows and heads they come from. Behind the last query
// its copies keep the tile full.
void Tile::loadQueries() {
  int64_t dim = cache.getHeadDim();
  query = onStack(llvm::alignTo(dim, partials));
  e.loop(e.index(0), e.index(height), 1, [&](Value i) {
    Value from = e.min(i, e.sub(queries.count, e.index(1)));
    Value row = rowOf(from), base = e.mul(headOf(from), dim);
    e.columns(dim, [&](Value c, Value mask) {
      e.store(e.loadColumns(f[op.getQuery()], {row, e.add(base, c)}, mask),
              query, {i, c});
    });
  });
}

// Of the blocks in [from, to) those of the sinks that the window leaves out.
void Tile::emitSinks(Value from, Value to) {
  if (!op.getSinks())
    return;
  Value end = e.index(llvm::divideCeil(*op.getSinks(), block));
  e.loop(from, e.min(e.min(end, firstBlock), to), 1,
         [&](Value b) { emitBlock(b); });
}

// For each segment of the tile's rows what is drawn for it, which all queries
// score but those of the segment alone see. Drawn segments may share a block,
// with each other and with what is near: each shows its own keys.
void Tile::emitDrawn() {
  int64_t length = *op.getSegment();
  Value lastQuery = number(e.sub(queries.count, e.index(1)));
  auto segmentOf = [&](Value query) {
    return e.div(e.add(tilePosition, e.div(query, shared)), length);
  };
  Value end = e.add(segmentOf(lastQuery), 1);
  e.loop(segmentOf(queries.first), end, 1, [&](Value segment) {
    Value count = random->draw(e, segment, queries.group, f[op.getRound()],
                               queries.known);
    e.loop(e.index(0), count, 1, [&](Value i) {
      auto keys = random->rows(e, i, queries.known);
      Value from = keys.first, to = keys.second;
      e.loop(e.div(from, block), e.div(e.add(to, block - 1), block), 1,
             [&](Value b) {
               emitBlock(b, to, [&] { hideAllBut(b, segment, from, to); });
             });
    });
  });
}

// Chunks [from, end), and before them the first one, which has the sinks; only
// those of the queries, if they are a part.
void Tile::eachSinkChunk(Value from, Value end,
                         llvm::function_ref<void(Value chunk)> body) {
  auto within = [&](Value chunk) {
    if (!queries.partial)
      return body(chunk);
    Value ours =
        arith::AndIOp::create(e.b, e.loc, e.less(chunk, queries.toChunk),
                              e.less(queries.fromChunk, e.add(chunk, 1)));
    e.ifThen(ours, [&] { body(chunk); });
  };
  Value before = e.min(from, e.index(1));
  e.loop(e.index(0), e.add(e.sub(end, from), before), 1, [&](Value i) {
    Value first = e.less(i, before);
    within(e.select(first, e.index(0), e.add(from, e.sub(i, before))));
  });
}

void Tile::emitChunks() {
  total = onStack(RunningSoftmax::width(op));
  each([&](Value i) { at(total, i).reset(e); });
  auto larger = [&](Value x, Value y) -> Value {
    return arith::MaxSIOp::create(e.b, e.loc, x, y);
  };
  constexpr int64_t blocks = AttentionOp::chunkBlocks;
  Value from = e.div(firstBlock, blocks);
  Value end = e.div(e.add(endBlock, blocks - 1), blocks);
  Value partial;
  if (queries.partial && !op.getSinks()) {
    from = larger(from, queries.fromChunk);
    end = e.min(end, queries.toChunk);
  }
  if (queries.partial)
    partial = e.less(e.index(0), queries.partial);
  auto body = [&](Value chunk) {
    each([&](Value i) { at(state, i).reset(e); });
    Value first = e.mul(chunk, blocks);
    Value start = larger(first, firstBlock);
    Value stop = e.min(e.add(first, blocks), endBlock);
    emitSinks(first, stop);
    e.loop(start, stop, 1, [&](Value b) { emitBlock(b); });
    auto merge = [&] {
      each([&](Value i) { at(total, i).merge(e, at(state, i)); });
    };
    if (!partial)
      return merge();
    auto keep = [&] {
      each([&](Value i) {
        partialOf(e, op, f[op.getInits()[1]], rowOf(i), headOf(i), chunk)
            .copy(e, at(state, i));
      });
    };
    e.ifThen(partial, keep, merge);
  };
  if (op.getSinks())
    eachSinkChunk(from, end, body);
  else
    e.loop(from, end, 1, body);
  if (random) {
    each([&](Value i) { at(state, i).reset(e); });
    emitDrawn();
    each([&](Value i) { at(total, i).merge(e, at(state, i)); });
  }
  if (!partial)
    return finish(total);
  e.ifThen(e.less(queries.partial, e.index(1)), [&] { finish(total); });
}

void Tile::finish(Value softmax) {
  each([&](Value i) {
    at(softmax, i).finish(e, f[op.getInits()[0]], rowOf(i), headOf(i));
  });
}

void Tile::emit() {
  scores = onStack(block);
  state = onStack(RunningSoftmax::width(op));
  keys = keysOf(e, f[op.getStep()], queries.row, f[op.getSlot()], cache);
  values = valuesOf(e, f[op.getStep()], queries.row, f[op.getSlot()], cache);
  keyScales = scalesOf(e, Target::Keys, f[op.getStep()], queries.row,
                       f[op.getSlot()], cache);
  valueScales = scalesOf(e, Target::Values, f[op.getStep()], queries.row,
                         f[op.getSlot()], cache);
  findLimits();
  loadQueries();
  if (op.getRandom())
    random.emplace(e, op);
  if (AttentionOp::chunksOf(op.getCache()) > 1)
    return emitChunks();
  each([&](Value i) { at(state, i).reset(e); });
  emitSinks(e.index(0), endBlock);
  e.loop(firstBlock, endBlock, 1, [&](Value b) { emitBlock(b); });
  if (random)
    emitDrawn();
  finish(state);
}

} // namespace

unsigned Queries::extras(AttentionOp op) {
  return op.getInits().size() > 1 ? 8 : 5;
}

Queries Queries::fromExtras(KernelFunction &f, AttentionOp op) {
  Queries q{f.extra(0), f.extra(1), f.extra(2), f.extra(3), f.extra(4)};
  if (extras(op) > 5) {
    q.fromChunk = f.extra(5);
    q.toChunk = f.extra(6);
    q.partial = f.extra(7);
  }
  return q;
}

SmallVector<Value> Queries::values() const {
  SmallVector<Value> all{group, row, first, count, known};
  if (partial)
    all.append({fromChunk, toChunk, partial});
  return all;
}

KernelFunction kernels::attentionTile(AttentionOp op, Value positions,
                                      Value limits, int64_t height) {
  SmallVector<Value> values(op->getOperands());
  values.push_back(positions);
  if (limits)
    values.push_back(limits);
  KernelFunction f(op, "attention" + std::to_string(height), values,
                   Queries::extras(op));
  Tile(op, f, height, f[positions], limits ? f[limits] : Value()).emit();
  return f;
}

RunningSoftmax kernels::partialOf(Emitter &e, AttentionOp op, Value partials,
                                  Value row, Value head, Value chunk) {
  Value at = e.add(e.mul(row, AttentionOp::chunksOf(op.getCache())), chunk);
  return {op, partials, at, e.mul(head, RunningSoftmax::width(op))};
}
