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

/// How a format stores a group: `lines` of words, each with so many quads (four
/// values of k in the bytes of a word), then the scales.
struct Stored {
  int64_t bias, lines;
  llvm::function_ref<SmallVector<Value>(Value words)> quadsOf;
};

/// One group of the tile.
struct Group {
  Emitter &e;
  const Tile &t;
  const Stored &stored;
  kernels::Dot &dot;
  ArrayRef<Value> rows;
  Value group, firstWord;

  Value rowWord(int64_t i, Value word) {
    return e.loadScalar(t.input, {rows[i], e.add(firstWord, word)});
  }
  Value rowWord(int64_t i, int64_t word) { return rowWord(i, e.index(word)); }

  SmallVector<Value> start() {
    SmallVector<Value> dots;
    for (int64_t i = 0; i < t.rows; ++i)
      dots.append(t.vectors, dot.start([&] { return rowWord(i, offsetWord); }));
    return dots;
  }

  SmallVector<Value> finish(ArrayRef<Value> dots) {
    SmallVector<Value> sums;
    for (int64_t i = 0; i < t.rows; ++i)
      for (int64_t j = 0; j < t.vectors; ++j)
        sums.push_back(dot.finish(dots[i * t.vectors + j],
                                  [&] { return rowWord(i, offsetWord); }));
    return sums;
  }

  /// Adds the products of a line to `dots`.
  void addLine(Value line, SmallVector<Value> &dots) {
    t.fetch(e, e.add(e.mul(group, stored.lines), line));
    SmallVector<SmallVector<Value>> stacked;
    for (int64_t j = 0; j < t.vectors; ++j) {
      Value at = e.add(e.mul(line, t.width()), j * t.lanes);
      stacked.push_back(
          stored.quadsOf(e.load(t.weight, {t.panel, group, at}, t.lanes)));
    }
    int64_t count = stacked[0].size();
    Value first = e.mul(line, count);
    for (int64_t quad = 0; quad < count; ++quad) {
      SmallVector<kernels::Dot::Factors> w;
      for (ArrayRef<Value> bytes : stacked)
        w.push_back(dot.weights(bytes[quad]));
      for (int64_t i = 0; i < t.rows; ++i) {
        kernels::Dot::Factors x = dot.input(rowWord(i, e.add(first, quad)));
        for (int64_t j = 0; j < t.vectors; ++j) {
          Value &d = dots[i * t.vectors + j];
          d = dot.add(d, w[j], x);
        }
      }
    }
  }

  SmallVector<Value> dots() {
    SmallVector<Value> result = start();
    if (dot.needsLoop())
      result = e.loop(e.index(0), e.index(stored.lines), 1, result,
                      [&](Value line, ValueRange sums) {
                        SmallVector<Value> next(sums);
                        addLine(line, next);
                        return next;
                      });
    else
      for (int64_t line = 0; line < stored.lines; ++line)
        addLine(e.index(line), result);
    return finish(result);
  }

  Value weightScale(int64_t vector) {
    int64_t at = stored.lines * t.width() + vector * t.lanes / 2;
    Value halves = e.load(t.weight, {t.panel, group, e.index(at)}, t.lanes / 2);
    return arith::ExtFOp::create(e.b, e.loc, e.vectorType(t.lanes),
                                 e.cast(halves, t.lanes, e.b.getF16Type()));
  }

  SmallVector<Value> addTo(ValueRange sums) {
    SmallVector<Value> products = dots(), scales, next;
    for (int64_t j = 0; j < t.vectors; ++j)
      scales.push_back(weightScale(j));
    for (int64_t i = 0; i < t.rows; ++i) {
      Value bits = rowWord(i, scaleWord);
      Value scale = e.broadcast(
          arith::BitcastOp::create(e.b, e.loc, e.b.getF32Type(), bits),
          t.lanes);
      for (int64_t j = 0; j < t.vectors; ++j) {
        int64_t at = i * t.vectors + j;
        Value product = arith::SIToFPOp::create(
            e.b, e.loc, e.vectorType(t.lanes), products[at]);
        Value both = arith::MulFOp::create(e.b, e.loc, scales[j], scale);
        next.push_back(e.fma(product, both, sums[at]));
      }
    }
    return next;
  }
};

SmallVector<Value> multiplyGroups(Emitter &e, const Tile &t,
                                  const Stored &stored) {
  int64_t groups = cast<MemRefType>(t.weight.getType()).getDimSize(1);
  SmallVector<Value> rows = t.rowIndices(e);
  kernels::Dot dot(e, t.dot.getValue(), t.lanes, stored.bias);
  return e.loop(e.index(0), e.index(groups), 1, t.zeros(e),
                [&](Value group, ValueRange sums) {
                  Group g{e,
                          t,
                          stored,
                          dot,
                          rows,
                          group,
                          t.column(e, e.mul(group, groupWords))};
                  return g.addTo(sums);
                });
}

} // namespace

SmallVector<Value> kernels::multiplyInt8(Emitter &e, const Tile &t) {
  auto quadsOf = [](Value words) { return SmallVector<Value>{words}; };
  return multiplyGroups(e, t, {128, stepsPerIndex(Format::Int8), quadsOf});
}

SmallVector<Value> kernels::multiplyInt4(Emitter &e, const Tile &t) {
  Value low = e.splatWord(0x0f0f0f0f, t.lanes), four = e.splatWord(4, t.lanes);
  auto quadsOf = [&](Value words) -> SmallVector<Value> {
    Value high = arith::ShRUIOp::create(e.b, e.loc, words, four);
    return {arith::AndIOp::create(e.b, e.loc, words, low),
            arith::AndIOp::create(e.b, e.loc, high, low)};
  };
  return multiplyGroups(e, t, {8, stepsPerIndex(Format::Int4), quadsOf});
}
