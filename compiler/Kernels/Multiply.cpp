// Which arithmetic a matmul has, and that of f32: k ascending, one fma each.
#include "compiler/Kernels/Multiply.h"

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

SmallVector<Value> kernels::multiplyF32(Emitter &e, const Tile &t) {
  int64_t depth = cast<MemRefType>(t.weight.getType()).getDimSize(1);
  SmallVector<Value> rows = t.rowIndices(e);
  return e.loop(
      e.index(0), e.index(depth), 1, t.zeros(e), [&](Value k, ValueRange sums) {
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
