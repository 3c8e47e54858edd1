// Weights of bf16, two values of k in a word. Stored only, they are extended,
// which is exact, and multiplied as f32: k ascending, one fma each. Rows of
// bf16 too are multiplied pair by pair by an instruction that rounds in its own
// way.
#include "compiler/Kernels/Multiply.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace kernels;

namespace {

/// The even or odd value of k of each word, as f32.
Value extend(Emitter &e, Value words, bool odd, int64_t lanes) {
  Value bits =
      odd ? arith::AndIOp::create(e.b, e.loc, words,
                                  e.splatWord(int32_t(0xffff0000), lanes))
                .getResult()
          : arith::ShLIOp::create(e.b, e.loc, words, e.splatWord(16, lanes))
                .getResult();
  return e.cast(bits, lanes, e.b.getF32Type());
}

SmallVector<Value> words(Emitter &e, const Tile &t, Value pair) {
  SmallVector<Value> result;
  for (int64_t j = 0; j < t.vectors; ++j)
    result.push_back(
        e.load(t.weight, {t.panel, pair, e.index(j * t.lanes)}, t.lanes));
  return result;
}

} // namespace

SmallVector<Value> kernels::multiplyBf16(Emitter &e, const Tile &t) {
  int64_t depth = t.depth;
  SmallVector<Value> rows = t.rowIndices(e);
  auto step = [&](Value k, ArrayRef<Value> w, bool odd, ValueRange sums) {
    SmallVector<Value> next, extended;
    for (Value word : w)
      extended.push_back(extend(e, word, odd, t.lanes));
    Value column = t.column(e, k);
    for (int64_t i = 0; i < t.rows; ++i) {
      Value x = e.broadcast(e.loadScalar(t.input, {rows[i], column}), t.lanes);
      for (int64_t j = 0; j < t.vectors; ++j)
        next.push_back(e.fma(x, extended[j], sums[i * t.vectors + j]));
    }
    return next;
  };
  SmallVector<Value> sums =
      e.loop(e.index(0), e.index(depth / 2), 1, t.zeros(e),
             [&](Value pair, ValueRange sums) {
               t.fetch(e, pair);
               SmallVector<Value> w = words(e, t, pair);
               Value k = e.mul(pair, 2);
               SmallVector<Value> half = step(k, w, false, sums);
               return step(e.add(k, 1), w, true, half);
             });
  // A row has no column behind an odd last one.
  if (depth % 2 != 0)
    sums =
        step(e.index(depth - 1), words(e, t, e.index(depth / 2)), false, sums);
  return sums;
}

SmallVector<Value> kernels::multiplyPairs(Emitter &e, const Tile &t) {
  int64_t depth = cast<MemRefType>(t.weight.getType()).getDimSize(1);
  SmallVector<Value> rows = t.rowIndices(e);
  auto pairs = [&](Value words) {
    return e.cast(words, 2 * t.lanes, e.b.getBF16Type());
  };
  return e.loop(
      e.index(0), e.index(depth), 1, t.zeros(e),
      [&](Value pair, ValueRange sums) {
        t.fetch(e, pair);
        SmallVector<Value> next, w;
        for (Value word : words(e, t, pair))
          w.push_back(pairs(word));
        Value column = t.column(e, pair);
        for (int64_t i = 0; i < t.rows; ++i) {
          Value x = pairs(
              e.broadcast(e.loadScalar(t.input, {rows[i], column}), t.lanes));
          for (int64_t j = 0; j < t.vectors; ++j)
            next.push_back(
                LLVM::CallIntrinsicOp::create(
                    e.b, e.loc, e.vectorType(t.lanes),
                    e.b.getStringAttr("llvm.x86.avx512bf16.dpbf16ps.512"),
                    ValueRange{sums[i * t.vectors + j], x, w[j]})
                    .getResult(0));
        }
        return next;
      });
}
