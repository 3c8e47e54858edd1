// Blocks of 64 keys in ascending order: scores of the tile in a small buffer,
// then weights in their place, then values gathered into the output.
//
// A query's result does not depend on the queries beside it: a block that it
// may not see leaves its maximum, sums and output exactly as they were.
#include "compiler/Kernels/AttentionTile.h"

#include "compiler/Kernels/QueryTile.h"
#include "compiler/Kernels/RandomSegments.h"

using namespace mlir;
using namespace kernel;
using namespace kernels;

namespace {

/// In which order a tile sees which blocks.
struct BlockOrder {
  QueryTile &t;
  AttentionOp op = t.op;
  Emitter &e = t.e;
  Value firstBlock = {}, endBlock = {};
  std::optional<RandomSegments> random = {};

  void emit();
  void emitAll();
  void emitChunks();
  void emitChunk(Value chunk, Value total, Value partial);
  void emitBlock(Value b);
  void emitDrawn();
  void emitSinks(Value from, Value to);
  void eachSinkChunk(Value from, Value end, QueryTile::Body body);
  void finish(Value softmax);

  using Hide = llvm::function_ref<void(BlockScores &scores, Value first)>;
  using Limit = std::function<Value(Value first, Value last)>;
  void emitBlock(Value b, Limit limit, Hide hide);
};

} // namespace

void BlockOrder::emitBlock(Value b) {
  auto limit = [&](Value first, Value last) { return t.limitOf(first, last); };
  emitBlock(b, limit, [&](BlockScores &scores, Value first) {
    if (op.getWindow())
      return scores.mask();
    // All queries see all of the block unless it reaches over the first's end.
    Value end = e.mul(e.add(b, 1), KeyBlock::size);
    e.ifThen(e.less(t.limitOf(first), end), [&] { scores.mask(); });
  });
}

/// A block of which keys below a limit are read and `hide` hides some.
void BlockOrder::emitBlock(Value b, Limit limit, Hide hide) {
  auto endOf = [&](Value first) {
    return KeyBlock::below(e, b, limit(first, t.lastOf(first)));
  };
  KeyBlock block{b, KeyBlock::below(e, b, limit(e.index(0), t.last())), endOf};
  auto weigh = [&](Value first) {
    BlockScores scores(t, block, first);
    if (op.getSoftcap())
      scores.cap();
    if (op.getBias())
      scores.bias();
    hide(scores, first);
    scores.weigh();
  };
  scoreBlock(t, block);
  eachReader(t, block, e.index(0), weigh);
  gatherBlock(t, block);
}

// Of the blocks in [from, to) those of the sinks that the window leaves out.
void BlockOrder::emitSinks(Value from, Value to) {
  if (!op.getSinks())
    return;
  Value end = e.index(llvm::divideCeil(*op.getSinks(), KeyBlock::size));
  e.loop(from, e.min(e.min(end, firstBlock), to), 1,
         [&](Value b) { emitBlock(b); });
}

// For each segment of the tile's rows what is drawn for it, which all queries
// score but those of the segment alone see. Drawn segments may share a block,
// with each other and with what is near: each shows its own keys.
void BlockOrder::emitDrawn() {
  constexpr int64_t size = KeyBlock::size;
  auto segmentOf = [&](Value i) {
    return e.div(e.add(t.position, t.rowInTile(i)), *op.getSegment());
  };
  Value end = e.add(segmentOf(t.last()), 1);
  e.loop(segmentOf(e.index(0)), end, 1, [&](Value segment) {
    Value count = random->draw(e, segment, t.queries.group, t.f[op.getRound()],
                               t.queries.known);
    e.loop(e.index(0), count, 1, [&](Value i) {
      auto keys = random->rows(e, i, t.queries.known);
      Value from = keys.first, to = keys.second;
      auto limit = [=](Value, Value) { return to; };
      e.loop(e.div(from, size), e.div(e.add(to, size - 1), size), 1,
             [&](Value b) {
               emitBlock(b, limit, [&](BlockScores &scores, Value) {
                 scores.hideAllBut(segment, from, to);
               });
             });
    });
  });
}

// Chunks [from, end), and before them the first one, which has the sinks; only
// those of the queries, if they are a part.
void BlockOrder::eachSinkChunk(Value from, Value end, QueryTile::Body body) {
  const Queries &queries = t.queries;
  auto within = [&](Value chunk) {
    if (!queries.partial)
      return body(chunk);
    Value ours = e.both(e.less(chunk, queries.toChunk),
                        e.less(queries.fromChunk, e.add(chunk, 1)));
    e.ifThen(ours, [&] { body(chunk); });
  };
  Value before = e.min(from, e.index(1));
  e.loop(e.index(0), e.add(e.sub(end, from), before), 1, [&](Value i) {
    Value first = e.less(i, before);
    within(e.select(first, e.index(0), e.add(from, e.sub(i, before))));
  });
}

/// Into `total`, or to the caller's buffer if the queries are a part.
void BlockOrder::emitChunk(Value chunk, Value total, Value partial) {
  constexpr int64_t blocks = AttentionOp::chunkBlocks;
  t.each([&](Value i) { t.at(t.state, i).reset(e); });
  Value first = e.mul(chunk, blocks);
  Value start = e.max(first, firstBlock);
  Value stop = e.min(e.add(first, blocks), endBlock);
  emitSinks(first, stop);
  e.loop(start, stop, 1, [&](Value b) { emitBlock(b); });
  auto merge = [&] {
    t.each([&](Value i) { t.at(total, i).merge(e, t.at(t.state, i)); });
  };
  if (!partial)
    return merge();
  auto keep = [&] {
    t.each([&](Value i) {
      partialOf(e, op, t.f[op.getInits()[1]], t.rowOf(i), t.headOf(i), chunk)
          .copy(e, t.at(t.state, i));
    });
  };
  e.ifThen(partial, keep, merge);
}

void BlockOrder::emitChunks() {
  const Queries &queries = t.queries;
  Value total = t.onStack(RunningSoftmax::width(op));
  t.each([&](Value i) { t.at(total, i).reset(e); });
  constexpr int64_t blocks = AttentionOp::chunkBlocks;
  Value from = e.div(firstBlock, blocks);
  Value end = e.div(e.add(endBlock, blocks - 1), blocks);
  Value partial;
  if (queries.partial && !op.getSinks()) {
    from = e.max(from, queries.fromChunk);
    end = e.min(end, queries.toChunk);
  }
  if (queries.partial)
    partial = e.less(e.index(0), queries.partial);
  auto body = [&](Value chunk) { emitChunk(chunk, total, partial); };
  if (op.getSinks())
    eachSinkChunk(from, end, body);
  else
    e.loop(from, end, 1, body);
  if (random) {
    t.each([&](Value i) { t.at(t.state, i).reset(e); });
    emitDrawn();
    t.each([&](Value i) { t.at(total, i).merge(e, t.at(t.state, i)); });
  }
  if (!partial)
    return finish(total);
  e.ifThen(e.less(queries.partial, e.index(1)), [&] { finish(total); });
}

void BlockOrder::emitAll() {
  t.each([&](Value i) { t.at(t.state, i).reset(e); });
  emitSinks(e.index(0), endBlock);
  e.loop(firstBlock, endBlock, 1, [&](Value b) { emitBlock(b); });
  if (random)
    emitDrawn();
  finish(t.state);
}

void BlockOrder::finish(Value softmax) {
  t.each([&](Value i) {
    t.at(softmax, i).finish(e, t.f[op.getInits()[0]], t.rowOf(i), t.headOf(i));
  });
}

void BlockOrder::emit() {
  constexpr int64_t size = KeyBlock::size;
  Value limit = t.limitOf(e.index(0), t.last());
  firstBlock = e.index(0);
  if (op.getWindow()) {
    Value first = t.seenBy(t.rowInTile(firstBlock)).first;
    firstBlock = e.div(e.max(first, firstBlock), size);
  }
  endBlock = e.div(e.add(limit, size - 1), size);
  if (op.getRandom())
    random.emplace(e, op);
  if (AttentionOp::chunksOf(op.getCache()) > 1)
    emitChunks();
  else
    emitAll();
}

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
                                      Value limits, int64_t height,
                                      int64_t registers) {
  SmallVector<Value> values(op->getOperands());
  values.push_back(positions);
  if (limits)
    values.push_back(limits);
  KernelFunction f(op, "attention" + std::to_string(height * registers), values,
                   Queries::extras(op));
  QueryTile tile(op, f, height, registers, f[positions],
                 limits ? f[limits] : Value());
  tile.load();
  BlockOrder{tile}.emit();
  return f;
}

RunningSoftmax kernels::partialOf(Emitter &e, AttentionOp op, Value partials,
                                  Value row, Value head, Value chunk) {
  Value at = e.add(e.mul(row, AttentionOp::chunksOf(op.getCache())), chunk);
  return {op, partials, at, e.mul(head, RunningSoftmax::width(op))};
}
