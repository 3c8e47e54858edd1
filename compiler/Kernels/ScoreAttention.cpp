// kernel.score_attention -> for each head and query row: blocks of 64 keys in
// ascending order, their weights in a small buffer, values gathered key by key.
//
// One row after the other: what a row gets depends on nothing beside it, and
// the order of its sums is that of the keys.
#include "compiler/Kernels/Cache.h"
#include "compiler/Kernels/Tiles.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace kernel;
using namespace kernels;

namespace {

constexpr int64_t block = CacheAttr::block;
// Finite, so that rows without a key have a highest score as well.
constexpr double lowest = -1e30;

struct Row {
  ScoreAttentionOp op;
  KernelFunction &f;
  Emitter e;
  Value head, row, known; ///< head, row, rows that the sequence holds

  Row(ScoreAttentionOp op, KernelFunction &f)
      : op(op), f(f), e(f.builder(), op.getLoc()), head(f.extra(0)),
        row(f.extra(1)), known(f.extra(2)) {}

  CacheAttr cache = op.getCache();
  int64_t lanes = op.getSchedule().getLanes();
  int64_t vectors = op.getSchedule().getVectors();
  int64_t padded = cache.paddedValueDim();
  Value keys, values, keyScales, valueScales, keyHead;
  Value weights, sums, output, best; ///< [64], [16], [padded E], [1]
  Value limit;                       ///< keys that the row sees

  Value onStack(int64_t size) {
    return memref::AllocaOp::create(e.b, e.loc,
                                    MemRefType::get({size}, e.b.getF32Type()));
  }

  void emit(Value positions);
  void scoreBlock(Value b);
  void weighBlock(Value b);
  void keepBest();
  void gatherBlock(Value b);
  void finish();
};

// weights[key] = scale * query . key, d ascending.
void Row::scoreBlock(Value b) {
  Value query = f[op.getQuery()];
  int64_t dim = cache.getHeadDim();
  Value qBase = e.mul(head, dim), kBase = e.mul(keyHead, dim);
  Value scale = e.splat(op.getScale().convertToDouble(), lanes);
  for (int64_t c = 0; c < block; c += vectors * lanes) {
    SmallVector<Value> zeros(vectors, e.splat(0, lanes));
    auto scores = e.loop(
        e.index(0), e.index(dim), 1, zeros, [&](Value d, ValueRange sums) {
          SmallVector<Value> next;
          Value q =
              e.broadcast(e.loadScalar(query, {row, e.add(qBase, d)}), lanes);
          for (int64_t j = 0; j < vectors; ++j)
            next.push_back(e.fma(
                q,
                loadCached(e, keys,
                           {b, e.add(kBase, d), e.index(c + j * lanes)}, lanes),
                sums[j]));
          return next;
        });
    for (int64_t j = 0; j < vectors; ++j) {
      Value key = e.index(c + j * lanes);
      Value score = timesScale(e, scores[j], keyScales, {b, keyHead, key});
      e.store(arith::MulFOp::create(e.b, e.loc, score, scale), weights, {key});
    }
  }
}

// The best score so far and of this block; where it grows, what was gathered
// for a lower one is dropped.
void Row::keepBest() {
  Value most = e.load(weights, {e.index(0)}, partials);
  auto greater = [&](Value x, Value y) {
    return arith::CmpFOp::create(e.b, e.loc, arith::CmpFPredicate::OGT, x, y);
  };
  for (int64_t c = partials; c < block; c += partials) {
    Value next = e.load(weights, {e.index(c)}, partials);
    most = e.larger(most, next);
  }
  Value top = maxTree(e, most), before = e.loadScalar(best, {e.index(0)});
  e.ifThen(greater(top, before), [&] {
    e.store(top, best, {e.index(0)});
    e.store(e.splat(0, partials), sums, {e.index(0)});
    for (int64_t c = 0; c < padded; c += partials)
      e.store(e.splat(0, partials), output, {e.index(c)});
  });
}

// Scores become weights; those of keys that the row does not see are 0.
void Row::weighBlock(Value b) {
  Value from = e.mul(b, block);
  bool hard = op.getScores() == Scores::Hard;
  Value zero = e.splat(0, partials);
  Value unseen = hard ? e.splat(lowest, partials) : zero;
  for (int64_t c = 0; c < block; c += partials) {
    Value s = e.load(weights, {e.index(c)}, partials);
    if (op.getScores() == Scores::Relu) {
      Value positive =
          arith::CmpFOp::create(e.b, e.loc, arith::CmpFPredicate::OGT, s, zero);
      s = e.select(positive, s, zero);
    }
    Value left = e.max(e.sub(limit, e.add(from, c)), e.index(0));
    Value seen = e.mask(e.min(left, e.index(partials)), partials);
    s = e.select(seen, s, unseen);
    e.store(s, weights, {e.index(c)});
  }
  if (hard)
    keepBest();
  if (op.getDivisor() != Divisor::Weights)
    return;
  Value top;
  if (hard)
    top = e.broadcast(e.loadScalar(best, {e.index(0)}), partials);
  Value sum = e.load(sums, {e.index(0)}, partials);
  for (int64_t c = 0; c < block; c += partials) {
    Value w = e.load(weights, {e.index(c)}, partials);
    if (hard) {
      Value isBest =
          arith::CmpFOp::create(e.b, e.loc, arith::CmpFPredicate::OEQ, w, top);
      w = e.select(isBest, e.splat(1, partials), zero);
      e.store(w, weights, {e.index(c)});
    }
    sum = arith::AddFOp::create(e.b, e.loc, sum, w);
  }
  e.store(sum, sums, {e.index(0)});
}

// output += sum over the block's keys of weight * value, keys ascending.
void Row::gatherBlock(Value b) {
  for (int64_t c = 0; valueScales && c < block; c += partials) {
    Value w = e.load(weights, {e.index(c)}, partials);
    e.store(timesScale(e, w, valueScales, {b, keyHead, e.index(c)}), weights,
            {e.index(c)});
  }
  Value end = e.min(e.sub(limit, e.mul(b, block)), e.index(block));
  for (int64_t c = 0; c < padded; c += vectors * lanes) {
    int64_t width = std::min(vectors, (padded - c) / lanes);
    SmallVector<Value> before;
    for (int64_t j = 0; j < width; ++j)
      before.push_back(e.load(output, {e.index(c + j * lanes)}, lanes));
    auto after =
        e.loop(e.index(0), end, 1, before, [&](Value key, ValueRange sums) {
          SmallVector<Value> next;
          Value w = e.broadcast(e.loadScalar(weights, {key}), lanes);
          for (int64_t j = 0; j < width; ++j)
            next.push_back(e.fma(
                w,
                loadCached(e, values, {b, keyHead, key, e.index(c + j * lanes)},
                           lanes),
                sums[j]));
          return next;
        });
    for (int64_t j = 0; j < width; ++j)
      e.store(after[j], output, {e.index(c + j * lanes)});
  }
}

void Row::finish() {
  std::optional<Quotient> share;
  if (op.getDivisor() == Divisor::Weights)
    share.emplace(e, sumTree(e, e.load(sums, {e.index(0)}, partials)));
  if (op.getDivisor() == Divisor::Number)
    share.emplace(e, asReal(e, limit));
  Value base = e.mul(head, cache.getValueDim());
  e.columns(cache.getValueDim(), [&](Value c, Value mask) {
    Value y = e.load(output, {c}, partials);
    e.storeColumns(share ? share->of(e, y) : y, f[op.getInits()[0]],
                   {row, e.add(base, c)}, mask);
  });
}

void Row::emit(Value positions) {
  weights = onStack(block);
  sums = onStack(partials);
  output = onStack(padded);
  best = onStack(1);
  keys = keysOf(e, f[op.getStep()], row, f[op.getSlot()], cache);
  values = valuesOf(e, f[op.getStep()], row, f[op.getSlot()], cache);
  keyScales =
      scalesOf(e, Target::Keys, f[op.getStep()], row, f[op.getSlot()], cache);
  valueScales =
      scalesOf(e, Target::Values, f[op.getStep()], row, f[op.getSlot()], cache);
  keyHead = e.div(head, op.getHeads() / cache.getKvHeads());
  limit = op.getMask() == Mask::Causal ? e.add(e.loadIndex(positions, {row}), 1)
                                       : e.sub(known, e.index(op.getHidden()));
  e.store(e.f32(lowest), best, {e.index(0)});
  e.store(e.splat(0, partials), sums, {e.index(0)});
  for (int64_t c = 0; c < padded; c += partials)
    e.store(e.splat(0, partials), output, {e.index(c)});
  Value blocks = e.div(e.add(limit, block - 1), block);
  e.loop(e.index(0), blocks, 1, [&](Value b) {
    scoreBlock(b);
    weighBlock(b);
    gatherBlock(b);
  });
  finish();
}

} // namespace

void kernels::emitScoreAttention(ScoreAttentionOp op) {
  forHeads(
      op, "score_attention", op.getStep(), op.getQuery(), op.getHeads(), {},
      /*ofSources=*/false,
      [&](KernelFunction &f, Value positions) { Row(op, f).emit(positions); });
}
