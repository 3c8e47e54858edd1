// kernel.attention -> for each head of keys and tile of rows: the queries that
// share it, by some register tiles. Few rows with many keys before them are cut
// by chunks of keys as well, whose partial results are merged afterwards.
#include "compiler/Kernels/AttentionTile.h"
#include "compiler/Kernels/EmitLoops.h"
#include "compiler/Kernels/Tiles.h"
#include "compiler/Kernels/Window.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace kernel;
using namespace kernels;

namespace {

struct Attention {
  AttentionOp op;
  OpBuilder b;
  Emitter e;
  Value positions, list, sources, tiles;
  Value limits; ///< keys that each row sees, with a prefix

  explicit Attention(AttentionOp op)
      : op(op), b(op), e(b, op.getLoc()), groups(op.getCache().getKvHeads()),
        shared(op.getHeads() / groups),
        chunks(AttentionOp::chunksOf(op.getCache())) {}

  int64_t groups, shared, chunks;
  SmallVector<KernelFunction> functions; ///< by height, ascending
  SmallVector<int64_t> heights;

  struct Item {
    Queries queries; ///< their group and first row
    Value tile, chunk;
  };

  void emit();
  Item itemAt(Value i, Value used);
  void bringQueries(Value i, Value used);
  void makeFunctions();
  void call(Queries queries, size_t function);
  void callTiles(Queries queries, Value rows);
  Value countKeys(Value tile);
  Value usedChunks(Value rows);
  void merge(Value rows);
};

// A power of two of queries, or as many as the schedule allows: what is left of
// a tile goes to the smallest that holds it.
void Attention::makeFunctions() {
  int64_t most = op.getSchedule().getRows();
  for (int64_t height = 1; height < most; height *= 2)
    heights.push_back(height);
  heights.push_back(most);
  for (int64_t height : heights)
    functions.push_back(attentionTile(op, positions, limits, height,
                                      height == most ? registerTiles : 1));
}

void Attention::call(Queries queries, size_t function) {
  if (function + 1 == functions.size())
    return functions[function].call(e, queries.values());
  e.ifThen(
      e.less(queries.count, e.index(heights[function] + 1)),
      [&] { functions[function].call(e, queries.values()); },
      [&] { call(queries, function + 1); });
}

// Whole register tiles, some of them together, then what is left.
void Attention::callTiles(Queries queries, Value rows) {
  int64_t height = op.getSchedule().getRows(), most = height * registerTiles;
  Value all = e.mul(rows, shared);
  Value whole = e.mul(e.div(all, height), height);
  Queries part = queries;
  e.loop(e.index(0), whole, most, [&](Value first) {
    part.first = first;
    part.count = e.min(e.sub(whole, first), e.index(most));
    functions.back().call(e, part.values());
  });
  part.first = whole;
  part.count = e.sub(all, whole);
  e.ifThen(e.less(whole, all), [&] { call(part, 0); });
}

/// How many keys the sequence of a tile has.
Value Attention::countKeys(Value tile) {
  if (op.getMask() != Mask::Source)
    return e.loadIndex(list, {tile, e.index(2)});
  return e.loadIndex(sources, {e.loadIndex(list, {tile, e.index(3)})});
}

/// Chunks of the longest sequence of a step with so few rows that they are
/// worth sharing out; otherwise 1.
Value Attention::usedChunks(Value rows) {
  Value few = e.less(rows, e.index(AttentionOp::partialRows + 1));
  Value looked = e.select(few, tiles, e.index(0));
  Value longest =
      e.loop(e.index(0), looked, 1, {e.index(1)},
             [&](Value i, ValueRange longest) -> SmallVector<Value> {
               Value known = e.loadIndex(list, {i, e.index(2)});
               return {e.max(known, longest[0])};
             })[0];
  int64_t keys = AttentionOp::chunkBlocks * CacheAttr::block;
  return e.div(e.add(longest, keys - 1), keys);
}

// The partial results of a row, by groups of heads.
void Attention::merge(Value rows) {
  SmallVector<Value> values(op->getOperands());
  values.push_back(limits ? limits : positions);
  KernelFunction f(op, "merge", values, 2);
  {
    Emitter in(f.builder(), op.getLoc());
    Value row = f.extra(0), group = f.extra(1);
    Value limit = limits ? in.loadIndex(f[limits], {row})
                         : in.add(in.loadIndex(f[positions], {row}), 1);
    int64_t keys = AttentionOp::chunkBlocks * CacheAttr::block;
    Value end = in.div(in.add(limit, keys - 1), keys), from = in.index(0);
    if (op.getWindow()) {
      Value first = windowOf(in, op, in.sub(limit, in.index(1)), Value()).first;
      from = in.div(in.max(first, from), keys);
    }
    auto type = MemRefType::get({1, RunningSoftmax::width(op)}, b.getF32Type());
    RunningSoftmax total{
        op,
        memref::AllocaOp::create(in.b, in.loc, type, b.getI64IntegerAttr(64)),
        in.index(0), in.index(0)};
    in.loop(in.index(0), in.index(shared), 1, [&](Value i) {
      Value head = in.add(in.mul(group, shared), i);
      total.reset(in);
      auto add = [&](Value chunk) {
        total.merge(in,
                    partialOf(in, op, f[op.getInits()[1]], row, head, chunk));
      };
      if (op.getSinks())
        in.loop(in.index(0), in.min(from, in.index(1)), 1, add);
      in.loop(from, end, 1, add);
      total.finish(in, f[op.getInits()[0]], row, head);
    });
  }
  e.parallel(e.mul(rows, groups),
             [&](Value i) { f.call(e, {e.div(i, groups), e.rem(i, groups)}); });
}

/// Of a group of heads a tile of rows and, of `used`, a chunk.
Attention::Item Attention::itemAt(Value i, Value used) {
  Item item;
  Value ofGroup = e.mul(tiles, used);
  Value inGroup = arith::RemUIOp::create(b, e.loc, i, ofGroup);
  item.queries.group = arith::DivUIOp::create(b, e.loc, i, ofGroup);
  item.chunk = arith::RemUIOp::create(b, e.loc, inGroup, used);
  // Later tiles of a sequence have more to do: one from the front, one from
  // the back, so that any range of them is average work.
  Value turn = arith::DivUIOp::create(b, e.loc, inGroup, used);
  Value half = e.div(turn, 2);
  Value fromBack = e.sub(e.sub(tiles, e.index(1)), half);
  Value odd = e.less(e.index(0), e.rem(turn, 2));
  item.tile = e.select(odd, fromBack, half);
  item.queries.row = e.loadIndex(list, {item.tile, e.index(0)});
  return item;
}

/// To the cache, while others are at work.
void Attention::bringQueries(Value i, Value used) {
  auto [queries, tile, chunk] = itemAt(i, used);
  int64_t width = shared * op.getCache().getHeadDim();
  Value from = e.mul(queries.group, width), row = queries.row;
  e.loop(row, e.add(row, e.loadIndex(list, {tile, e.index(1)})), 1,
         [&](Value row) {
           e.loop(from, e.add(from, width), partials, [&](Value c) {
             e.prefetch(op.getQuery(), {row, c}, /*locality=*/2);
           });
         });
}

void Attention::emit() {
  Location loc = op.getLoc();
  int64_t capacity = cast<MemRefType>(op.getQuery().getType()).getDimSize(0);
  positions = positionsOf(b, loc, op.getStep(), capacity);
  if (op.getMask() == Mask::Prefix)
    limits = limitsOf(b, loc, op.getStep(), capacity);
  list =
      BufferOp::create(b, loc, MemRefType::get({capacity, 4}, b.getI32Type()),
                       Buffer::Tiles, op.getStep(), e.index(0));
  if (op.getMask() == Mask::Source)
    sources =
        BufferOp::create(b, loc, MemRefType::get({capacity}, b.getI32Type()),
                         Buffer::Sources, op.getStep(), e.index(0));
  tiles = CountOp::create(b, loc, b.getIndexType(), Count::Tiles, op.getStep());
  makeFunctions();
  bool split = op.getInits().size() > 1;
  Value rows, used = e.index(1), partial;
  if (split) {
    rows = CountOp::create(b, loc, b.getIndexType(), Count::Rows, op.getStep());
    used = usedChunks(rows);
    partial = e.less(e.index(1), used);
  }
  Value items = e.mul(e.mul(tiles, used), e.index(groups));
  e.parallel(items, [&](Value i) {
    auto [queries, tile, chunk] = itemAt(i, used);
    bringQueries(e.min(e.add(i, 1), e.sub(items, e.index(1))), used);
    queries.known = countKeys(tile);
    if (split) {
      queries.fromChunk = e.select(partial, chunk, e.index(0));
      queries.toChunk = e.select(partial, e.add(chunk, 1), e.index(chunks));
      queries.partial = e.select(partial, e.index(1), e.index(0));
    }
    callTiles(queries, e.loadIndex(list, {tile, e.index(1)}));
  });
  if (split)
    e.ifThen(partial, [&] { merge(rows); });
  op.erase();
}

} // namespace

void kernels::emitAttention(AttentionOp op) { Attention(op).emit(); }
