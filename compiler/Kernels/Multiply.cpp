// Which arithmetic a matmul has, and that of f32: k ascending, one fma each.
#include "compiler/Kernels/Multiply.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace kernel;
using namespace kernels;

SmallVector<Value> Tile::rowIndices(Emitter &e) const {
  SmallVector<Value> indices;
  for (int64_t i = 0; i < rows; ++i)
    indices.push_back(e.add(row, i));
  return indices;
}

SmallVector<Value> Tile::zeros(Emitter &e) const {
  return SmallVector<Value>(rows * vectors, e.splat(0, lanes));
}

// A line of the cache has 16 words. Two a step leave most of the loads to the
// multiplication, and are enough where a panel has two tiles or more.
static int64_t linesOf(int64_t words) {
  return std::clamp<int64_t>((words + 8) / 16, 1, 2);
}

/// Steps of a tile's loop over K for each index of the panel's second
/// dimension.
static int64_t stepsPerIndex(Format format) {
  return format == Format::Int8 ? 8 : format == Format::Int4 ? 4 : 1;
}

Ahead Ahead::of(Emitter &e, MatmulOp op, Value tile, Value tiles) {
  auto panel = cast<MemRefType>(op.getWeight().getType());
  int64_t steps = panel.getDimSize(1) * stepsPerIndex(op.getFormat());
  int64_t all = panel.getDimSize(1) * panel.getDimSize(2);
  int64_t lines = linesOf(llvm::divideCeil(all, steps)) * steps;
  // Rounded up.
  Value share = arith::DivUIOp::create(
      e.b, e.loc, e.add(tiles, llvm::divideCeil(all, lines) - 1), tiles);
  return {e.min(e.mul(tile, e.mul(share, lines)), e.index(all)), share};
}

void Tile::fetch(Emitter &e, Value step, int64_t words) const {
  if (!ahead.first)
    return;
  int64_t lines = linesOf(words);
  Value next = e.add(panel, 1), line = e.mul(step, lines);
  for (int64_t i = 0; i < lines; ++i) {
    Value at = e.add(ahead.first, e.mul(e.add(line, i), ahead.share));
    memref::PrefetchOp::create(e.b, e.loc, weight,
                               ValueRange{next, e.index(0), at},
                               /*isWrite=*/false, /*localityHint=*/2,
                               /*isDataCache=*/true);
  }
}

SmallVector<Value> kernels::multiplyF32(Emitter &e, const Tile &t) {
  int64_t depth = cast<MemRefType>(t.weight.getType()).getDimSize(1);
  SmallVector<Value> rows = t.rowIndices(e);
  return e.loop(
      e.index(0), e.index(depth), 1, t.zeros(e), [&](Value k, ValueRange sums) {
        t.fetch(e, k, t.width());
        SmallVector<Value> next, w;
        for (int64_t j = 0; j < t.vectors; ++j)
          w.push_back(
              e.load(t.weight, {t.panel, k, e.index(j * t.lanes)}, t.lanes));
        for (int64_t i = 0; i < t.rows; ++i) {
          Value x = e.broadcast(e.loadScalar(t.input, {rows[i], k}), t.lanes);
          for (int64_t j = 0; j < t.vectors; ++j)
            next.push_back(e.fma(x, w[j], sums[i * t.vectors + j]));
        }
        return next;
      });
}

Multiply kernels::multiplyOf(MatmulOp op) {
  auto input = cast<MemRefType>(op.getInput().getType());
  switch (op.getFormat()) {
  case Format::F32:
    return multiplyF32;
  case Format::Bf16:
    return input.getElementType().isF32() ? multiplyBf16 : multiplyPairs;
  case Format::Int8:
    return multiplyInt8;
  case Format::Int4:
    return multiplyInt4;
  }
  llvm_unreachable("every format is above");
}
