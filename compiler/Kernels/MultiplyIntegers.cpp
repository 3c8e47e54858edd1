// Weights of int8 and int4 by rows of kernel.quantise, group by group of 32
// values of k, ascending:
//
//     sum = fma(f32(exact integer dot product), scale_w * scale_x, sum)
#include "compiler/Kernels/Dot.h"
#include "compiler/Kernels/Multiply.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace kernel;
using namespace kernels;

namespace {

// Words of a group in a row.
constexpr int64_t quads = groupColumns / 4, scaleWord = quads,
                  offsetWord = quads + 1;

/// Calls body(quad, words) for the words [..][panel] of a group of the weight:
/// `quad` has four values of k in the bytes of each lane.
struct Reader {
  Emitter &e;
  const Tile &t;
  Value group;

  Value load(int64_t word, int64_t vector) {
    return e.load(
        t.weight,
        {t.panel, group, e.index(word * t.width() + vector * t.lanes)},
        t.lanes);
  }
  Value scale(int64_t words, int64_t vector) {
    int64_t at = words * t.width() + vector * t.lanes / 2;
    Value halves = e.load(t.weight, {t.panel, group, e.index(at)}, t.lanes / 2);
    return arith::ExtFOp::create(e.b, e.loc, e.vectorType(t.lanes),
                                 e.cast(halves, t.lanes, e.b.getF16Type()));
  }
};

/// The weights of a quad in each vector.
using Quad = llvm::function_ref<SmallVector<Value>(Reader &, int64_t quad)>;

SmallVector<Value> multiplyGroups(Emitter &e, const Tile &t, int64_t bias,
                                  int64_t words, Quad quadOf) {
  int64_t groups = cast<MemRefType>(t.weight.getType()).getDimSize(1);
  SmallVector<Value> rows = t.rowIndices(e);
  kernels::Dot dot(e, t.dot.getValue(), t.lanes, bias);
  return e.loop(
      e.index(0), e.index(groups), 1, t.zeros(e),
      [&](Value group, ValueRange sums) {
        Value first = e.mul(group, groupWords);
        auto rowWord = [&](int64_t i, int64_t word) {
          return e.loadScalar(t.input, {rows[i], e.add(first, word)});
        };
        SmallVector<Value> dots;
        for (int64_t i = 0; i < t.rows; ++i)
          dots.append(t.vectors,
                      dot.isBiased()
                          ? e.broadcast(rowWord(i, offsetWord), t.lanes)
                          : e.splatWord(0, t.lanes));
        Reader reader{e, t, group};
        for (int64_t quad = 0; quad < quads; ++quad) {
          SmallVector<kernels::Dot::Factors> w;
          for (Value words : quadOf(reader, quad))
            w.push_back(dot.weights(words));
          for (int64_t i = 0; i < t.rows; ++i) {
            kernels::Dot::Factors x = dot.input(rowWord(i, quad));
            for (int64_t j = 0; j < t.vectors; ++j) {
              Value &d = dots[i * t.vectors + j];
              d = dot.add(d, w[j], x);
            }
          }
        }
        SmallVector<Value> scales, next;
        for (int64_t j = 0; j < t.vectors; ++j)
          scales.push_back(reader.scale(words, j));
        for (int64_t i = 0; i < t.rows; ++i) {
          Value bits = rowWord(i, scaleWord);
          Value scale = e.broadcast(
              arith::BitcastOp::create(e.b, e.loc, e.b.getF32Type(), bits),
              t.lanes);
          for (int64_t j = 0; j < t.vectors; ++j) {
            int64_t at = i * t.vectors + j;
            Value d = arith::SIToFPOp::create(e.b, e.loc, e.vectorType(t.lanes),
                                              dots[at]);
            Value both = arith::MulFOp::create(e.b, e.loc, scales[j], scale);
            next.push_back(e.fma(d, both, sums[at]));
          }
        }
        return next;
      });
}

} // namespace

SmallVector<Value> kernels::multiplyInt8(Emitter &e, const Tile &t) {
  return multiplyGroups(e, t, 128, 8, [&](Reader &reader, int64_t quad) {
    SmallVector<Value> words;
    for (int64_t j = 0; j < t.vectors; ++j)
      words.push_back(reader.load(quad, j));
    return words;
  });
}

SmallVector<Value> kernels::multiplyInt4(Emitter &e, const Tile &t) {
  Value low = e.splatWord(0x0f0f0f0f, t.lanes), four = e.splatWord(4, t.lanes);
  SmallVector<Value> loaded(t.vectors);
  return multiplyGroups(e, t, 8, 4, [&](Reader &reader, int64_t quad) {
    SmallVector<Value> words;
    for (int64_t j = 0; j < t.vectors; ++j) {
      if (quad % 2 == 0)
        loaded[j] = reader.load(quad / 2, j);
      else
        loaded[j] = arith::ShRUIOp::create(e.b, e.loc, loaded[j], four);
      words.push_back(arith::AndIOp::create(e.b, e.loc, loaded[j], low));
    }
    return words;
  });
}
