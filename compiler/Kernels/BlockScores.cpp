// From the scores of a block of keys to their weights.
#include "compiler/Kernels/Cache.h"
#include "compiler/Kernels/QueryTile.h"
#include "compiler/Kernels/ScoreBias.h"
#include "compiler/Kernels/Window.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace kernel;
using namespace kernels;

BlockScores::BlockScores(QueryTile &t, const KeyBlock &block, Value first)
    : t(t), e(t.e), block(block.number), first(first) {
  covered = wholeVectors(e.add(block.endOf(first), partials - 1));
}

Value BlockScores::wholeVectors(Value keys) {
  return e.mul(e.div(keys, partials), partials);
}

/// Changes the scores of a query from the block's key `from` on.
void BlockScores::change(Value i, Value from, Change change) {
  e.loop(from, covered, partials, [&](Value c) {
    Value base = e.add(e.mul(block, KeyBlock::size), c);
    Value s = e.load(t.scores, {i, c}, partials);
    e.store(change(base, s), t.scores, {i, c});
  });
}

void BlockScores::cap() {
  double cap = t.op.getSoftcap()->convertToDouble();
  double inner = t.op.getScale().convertToDouble() / cap;
  t.eachOf(first, [&](Value i) {
    change(i, e.index(0), [&](Value, Value s) -> Value {
      s = arith::MulFOp::create(e.b, e.loc, s, e.splat(inner, partials));
      return arith::MulFOp::create(e.b, e.loc, emitTanh(e, s),
                                   e.splat(cap, partials));
    });
  });
}

// Capped scores have their scale; others get it here.
void BlockScores::bias() {
  Value scale = e.splat(t.op.getScale().convertToDouble(), partials);
  Value table = t.f[t.op.getBias()];
  t.eachOf(first, [&](Value i) {
    Value position = e.loadIndex(t.positions, {t.rowOf(i)});
    Value head = t.headOf(i);
    change(i, e.index(0), [&](Value key, Value s) -> Value {
      Value bias = loadBias(e, table, *t.op.getZero(), head, position, key);
      if (t.op.getSoftcap())
        return arith::AddFOp::create(e.b, e.loc, s, bias);
      return e.fma(s, scale, bias);
    });
  });
}

void BlockScores::mask() {
  Value minus = e.splat(-INFINITY, partials);
  t.eachOf(first, [&](Value i) {
    if (!t.op.getWindow()) {
      Value limit = t.limitOf(i), seen = KeyBlock::below(e, block, limit);
      return change(i, wholeVectors(seen), [&](Value base, Value s) {
        return e.select(below(e, base, limit), s, minus);
      });
    }
    auto [start, limit] = t.seenBy(t.rowInTile(i));
    change(
        i, e.index(0), [&, start = start, limit = limit](Value base, Value s) {
          s = e.select(below(e, base, limit), s, minus);
          Value hidden = e.select(below(e, base, start), minus, s);
          if (!t.op.getSinks())
            return hidden;
          return e.select(below(e, base, e.index(*t.op.getSinks())), s, hidden);
        });
  });
}

void BlockScores::hideAllBut(Value segment, Value from, Value to) {
  Value minus = e.splat(-INFINITY, partials);
  t.eachOf(first, [&](Value i) {
    Value row = t.rowInTile(i);
    auto seen = t.seenBy(row);
    Value own = arith::CmpIOp::create(
        e.b, e.loc, arith::CmpIPredicate::eq,
        e.div(e.add(t.position, row), *t.op.getSegment()), segment);
    Value end = e.select(own, to, e.index(0));
    change(i, e.index(0), [&](Value base, Value s) {
      Value fresh = e.select(below(e, base, seen.second), minus, s);
      fresh = e.select(below(e, base, seen.first), s, fresh);
      if (t.op.getSinks())
        fresh =
            e.select(below(e, base, e.index(*t.op.getSinks())), minus, fresh);
      fresh = e.select(below(e, base, end), fresh, minus);
      return e.select(below(e, base, from), minus, fresh);
    });
  });
}

// First the largest scores of all queries, which take few registers but wait
// for each other's comparisons, then the weights.
void BlockScores::weigh() {
  t.eachOf(first, [&](Value i) { raise(i); });
  t.eachOf(first, [&](Value i) { weigh(i); });
}

void BlockScores::raise(Value i) {
  auto load = [&](Value c) { return e.load(t.scores, {i, c}, partials); };
  Value most = e.loop(e.index(partials), covered, partials, {load(e.index(0))},
                      [&](Value c, ValueRange most) -> SmallVector<Value> {
                        return {e.larger(most[0], load(c))};
                      })[0];
  t.at(t.state, i).raise(e, maxTree(e, most));
}

// A register at a time, so that the constants stay in the others. The scales of
// the values are in the weights afterwards, but are no part of their sum.
void BlockScores::weigh(Value i) {
  RunningSoftmax softmax = t.at(t.state, i);
  Value maximum = e.loadScalar(t.state, {i, softmax.maximumAt(e)});
  for (int64_t part = 0; part < partials; part += t.lanes) {
    SmallVector<Value> sums{i, e.add(softmax.sumsAt(e), part)};
    Value sum = e.loop(
        e.index(part), covered, partials, {e.load(t.state, sums, t.lanes)},
        [&](Value c, ValueRange sum) -> SmallVector<Value> {
          Value s = e.load(t.scores, {i, c}, t.lanes);
          Value p = softmax.weigh(e, s, maximum);
          e.store(timesScale(e, p, t.valueScales, {block, t.queries.group, c}),
                  t.scores, {i, c});
          return {arith::AddFOp::create(e.b, e.loc, sum[0], p)};
        })[0];
    e.store(sum, t.state, sums);
  }
}
