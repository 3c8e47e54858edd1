// kernel.attention -> for each head and tile of query rows: blocks of 64 keys
// in ascending order, scores in a small buffer, running maximum and 16 partial
// sums a row, values gathered into an output tile.
//
// A row's result does not depend on the rows beside it in the tile: a block
// that it may not see leaves its maximum, sums and output exactly as they were.
#include "compiler/Kernels/Tiles.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace kernel;
using namespace kernels;

namespace {

constexpr int64_t block = CacheAttr::block;
// Finite, so that a row without a visible key so far stays a number.
constexpr double lowest = -1e30;

struct Tile {
  AttentionOp op;
  KernelFunction &f;
  Emitter e;
  int64_t rows;
  Value head, row, known; ///< head, first row, rows that the sequence holds

  Tile(AttentionOp op, KernelFunction &f, int64_t rows)
      : op(op), f(f), e(f.builder(), op.getLoc()), rows(rows), head(f.extra(0)),
        row(f.extra(1)), known(f.extra(2)) {}

  CacheAttr cache = op.getCache();
  int64_t lanes = op.getSchedule().getLanes();
  int64_t vectors = op.getSchedule().getVectors();
  int64_t padded = cache.paddedValueDim();
  Value keys, values, keyHead;
  Value scores, sums, output,
      maxima;                 ///< [rows][64], [rows][16], [rows][E], [rows]
  Value firstPosition, limit; ///< of the tile's first row

  Value onStack(ArrayRef<int64_t> shape) {
    return memref::AllocaOp::create(e.b, e.loc,
                                    MemRefType::get(shape, e.b.getF32Type()));
  }

  void emit(Value positions);
  void scoreBlock(Value b);
  void maskBlock(Value b);
  void weighRow(Value i);
  void gatherBlock(Value b);
  void finishRow(int64_t i);
};

// scores[i][key] = query[row + i] . key, d ascending.
void Tile::scoreBlock(Value b) {
  Value query = f[op.getQuery()];
  int64_t dim = cache.getHeadDim();
  Value qBase = e.mul(head, dim), kBase = e.mul(keyHead, dim);
  for (int64_t c = 0; c < block; c += vectors * lanes) {
    SmallVector<Value> zeros(rows * vectors, e.splat(0, lanes));
    auto sums = e.loop(
        e.index(0), e.index(dim), 1, zeros, [&](Value d, ValueRange sums) {
          SmallVector<Value> next, k;
          for (int64_t j = 0; j < vectors; ++j)
            k.push_back(e.load(
                keys, {b, e.add(kBase, d), e.index(c + j * lanes)}, lanes));
          for (int64_t i = 0; i < rows; ++i) {
            Value q = e.broadcast(
                e.loadScalar(query, {e.add(row, i), e.add(qBase, d)}), lanes);
            for (int64_t j = 0; j < vectors; ++j)
              next.push_back(e.fma(q, k[j], sums[i * vectors + j]));
          }
          return next;
        });
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t j = 0; j < vectors; ++j)
        e.store(sums[i * vectors + j], scores,
                {e.index(i), e.index(c + j * lanes)});
  }
}

// -inf where a row must not look: behind its last key, before its window.
void Tile::maskBlock(Value b) {
  Value from = e.mul(b, block);
  Value minus = e.splat(-INFINITY, partials);
  e.loop(e.index(0), e.index(rows), 1, [&](Value i) {
    bool causal = op.getMask() == Mask::Causal;
    Value last = causal ? e.add(limit, i) : limit;
    for (int64_t c = 0; c < block; c += partials) {
      Value base = e.add(from, c);
      Value s = e.load(scores, {i, e.index(c)}, partials);
      auto below = [&](Value bound) { // lanes with base + lane < bound
        Value n =
            arith::MaxSIOp::create(e.b, e.loc, e.sub(bound, base), e.index(0));
        return e.mask(e.min(n, e.index(partials)), partials);
      };
      s = arith::SelectOp::create(e.b, e.loc, below(last), s, minus);
      if (op.getWindow()) {
        Value start = e.sub(last, e.index(*op.getWindow()));
        s = arith::SelectOp::create(e.b, e.loc, below(start), minus, s);
      }
      e.store(s, scores, {i, e.index(c)});
    }
  });
}

// Scores of a row become weights; its sums and output are rescaled.
void Tile::weighRow(Value i) {
  SmallVector<Value> s;
  Value most;
  for (int64_t c = 0; c < block; c += partials) {
    s.push_back(e.load(scores, {i, e.index(c)}, partials));
    if (!most) {
      most = s.back();
      continue;
    }
    Value less = arith::CmpFOp::create(e.b, e.loc, arith::CmpFPredicate::OLT,
                                       most, s.back());
    most = arith::SelectOp::create(e.b, e.loc, less, s.back(), most);
  }
  Value before = e.loadScalar(maxima, {i}), top = maxTree(e, most);
  Value grew =
      arith::CmpFOp::create(e.b, e.loc, arith::CmpFPredicate::OLT, before, top);
  Value now = arith::SelectOp::create(e.b, e.loc, grew, top, before);
  e.store(now, maxima, {i});
  // softmax is of scale * score; 2^x is cheaper than e^x. Capped scores are
  // scaled before the cap.
  double factor = (op.getSoftcap() ? 1.0 : op.getScale().convertToDouble()) *
                  1.44269504088896341;
  Value scale = e.splat(factor, partials);
  auto exp2Of = [&](Value x) {
    Value d = arith::SubFOp::create(e.b, e.loc, x, e.broadcast(now, partials));
    return emitExp2Negative(e, arith::MulFOp::create(e.b, e.loc, d, scale));
  };
  Value shrink = exp2Of(e.broadcast(before, partials));
  Value sum = arith::MulFOp::create(
      e.b, e.loc, e.load(sums, {i, e.index(0)}, partials), shrink);
  for (auto [j, x] : llvm::enumerate(s)) {
    Value p = exp2Of(x);
    e.store(p, scores, {i, e.index(j * partials)});
    sum = arith::AddFOp::create(e.b, e.loc, sum, p);
  }
  e.store(sum, sums, {i, e.index(0)});
  for (int64_t c = 0; c < padded; c += partials) {
    SmallVector<Value> at{i, e.index(c)};
    e.store(
        arith::MulFOp::create(e.b, e.loc, e.load(output, at, partials), shrink),
        output, at);
  }
}

// output[i] += sum over the block's keys of weight * value, keys ascending.
void Tile::gatherBlock(Value b) {
  Value from = e.mul(b, block);
  Value last = op.getMask() == Mask::Causal ? e.add(limit, rows - 1) : limit;
  Value end = e.min(e.sub(last, from), e.index(block));
  for (int64_t c = 0; c < padded; c += vectors * lanes) {
    int64_t width = std::min(vectors, (padded - c) / lanes);
    SmallVector<Value> before;
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t j = 0; j < width; ++j)
        before.push_back(
            e.load(output, {e.index(i), e.index(c + j * lanes)}, lanes));
    auto after =
        e.loop(e.index(0), end, 1, before, [&](Value key, ValueRange sums) {
          SmallVector<Value> next, v;
          for (int64_t j = 0; j < width; ++j)
            v.push_back(e.load(
                values, {b, keyHead, key, e.index(c + j * lanes)}, lanes));
          for (int64_t i = 0; i < rows; ++i) {
            Value p =
                e.broadcast(e.loadScalar(scores, {e.index(i), key}), lanes);
            for (int64_t j = 0; j < width; ++j)
              next.push_back(e.fma(p, v[j], sums[i * width + j]));
          }
          return next;
        });
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t j = 0; j < width; ++j)
        e.store(after[i * width + j], output,
                {e.index(i), e.index(c + j * lanes)});
  }
}

void Tile::finishRow(int64_t i) {
  Value total = e.broadcast(
      sumTree(e, e.load(sums, {e.index(i), e.index(0)}, partials)), partials);
  Value base = e.mul(head, cache.getValueDim());
  e.columns(cache.getValueDim(), [&](Value c, Value mask) {
    Value o = e.load(output, {e.index(i), c}, partials);
    Value y = arith::DivFOp::create(e.b, e.loc, o, total);
    e.storeColumns(y, f[op.getInits()[0]], {e.add(row, i), e.add(base, c)},
                   mask);
  });
}

/// cap * tanh(scale * s / cap) in place of the block's scores.
void capScores(Tile &t) {
  Emitter &e = t.e;
  double cap = t.op.getSoftcap()->convertToDouble();
  double inner = t.op.getScale().convertToDouble() / cap;
  e.loop(e.index(0), e.index(t.rows), 1, [&](Value i) {
    for (int64_t c = 0; c < block; c += partials) {
      Value s = e.load(t.scores, {i, e.index(c)}, partials);
      s = arith::MulFOp::create(e.b, e.loc, s, e.splat(inner, partials));
      s = arith::MulFOp::create(e.b, e.loc, emitTanh(e, s),
                                e.splat(cap, partials));
      e.store(s, t.scores, {i, e.index(c)});
    }
  });
}

void Tile::emit(Value positions) {
  bool causal = op.getMask() == Mask::Causal;
  scores = onStack({rows, block});
  sums = onStack({rows, partials});
  output = onStack({rows, padded});
  maxima = onStack({rows});
  keys = keysOf(e, f[op.getStep()], row, f[op.getSlot()], cache);
  values = valuesOf(e, f[op.getStep()], row, f[op.getSlot()], cache);
  keyHead = e.div(head, op.getHeads() / cache.getKvHeads());
  firstPosition = e.loadIndex(positions, {row});
  limit = causal ? e.add(firstPosition, 1) : known;
  for (int64_t i = 0; i < rows; ++i) {
    e.store(e.f32(lowest), maxima, {e.index(i)});
    e.store(e.splat(0, partials), sums, {e.index(i), e.index(0)});
    for (int64_t c = 0; c < padded; c += partials)
      e.store(e.splat(0, partials), output, {e.index(i), e.index(c)});
  }
  Value last = causal ? e.add(limit, rows - 1) : limit;
  Value start = e.index(0);
  if (op.getWindow()) {
    Value first = e.sub(limit, e.index(*op.getWindow()));
    start = e.div(arith::MaxSIOp::create(e.b, e.loc, first, start), block);
  }
  Value blocks = e.div(e.add(last, block - 1), block);
  e.loop(start, blocks, 1, [&](Value b) {
    scoreBlock(b);
    if (op.getSoftcap())
      capScores(*this);
    // All rows see all of the block unless it reaches over the first row's end.
    if (op.getWindow())
      maskBlock(b);
    else
      e.ifThen(e.less(limit, e.mul(e.add(b, 1), block)), [&] { maskBlock(b); });
    e.loop(e.index(0), e.index(rows), 1, [&](Value i) { weighRow(i); });
    gatherBlock(b);
  });
  for (int64_t i = 0; i < rows; ++i)
    finishRow(i);
}

/// A function (head, first row, rows held by the sequence) for so many rows.
KernelFunction tile(AttentionOp op, Value positions, int64_t rows) {
  SmallVector<Value> values(op->getOperands());
  values.push_back(positions);
  KernelFunction f(op, "attention" + std::to_string(rows), values, 3);
  Tile t(op, f, rows);
  t.emit(f[positions]);
  return f;
}

} // namespace

void kernels::emitAttention(AttentionOp op) {
  OpBuilder b(op);
  Emitter e(b, op.getLoc());
  int64_t capacity = cast<MemRefType>(op.getQuery().getType()).getDimSize(0);
  Value positions = positionsOf(b, op.getLoc(), op.getStep(), capacity);
  Value list = BufferOp::create(b, op.getLoc(),
                                MemRefType::get({capacity, 4}, b.getI32Type()),
                                Buffer::Tiles, op.getStep(), e.index(0));
  Value tiles = CountOp::create(b, op.getLoc(), b.getIndexType(), Count::Tiles,
                                op.getStep());
  int64_t height = op.getSchedule().getRows();
  // Heads outside: later tiles of a causal sequence have more to do.
  e.parallel(e.mul(tiles, static_cast<int64_t>(op.getHeads())), [&](Value i) {
    Value head = arith::DivUIOp::create(e.b, e.loc, i, tiles);
    Value at = arith::RemUIOp::create(e.b, e.loc, i, tiles);
    Value row = e.loadIndex(list, {at, e.index(0)});
    Value rows = e.loadIndex(list, {at, e.index(1)});
    Value known = e.loadIndex(list, {at, e.index(2)});
    SmallVector<int64_t> cases;
    for (int64_t r = 1; r < height; ++r)
      cases.push_back(r);
    auto choice = scf::IndexSwitchOp::create(e.b, e.loc, TypeRange(), rows,
                                             cases, cases.size());
    OpBuilder::InsertionGuard guard(e.b);
    for (auto [r, region] : llvm::zip(cases, choice.getCaseRegions())) {
      e.b.setInsertionPointToEnd(&region.emplaceBlock());
      tile(op, positions, r).call(e, {head, row, known});
      scf::YieldOp::create(e.b, e.loc);
    }
    e.b.setInsertionPointToEnd(&choice.getDefaultRegion().emplaceBlock());
    tile(op, positions, height).call(e, {head, row, known});
    scf::YieldOp::create(e.b, e.loc);
  });
  op.erase();
}
