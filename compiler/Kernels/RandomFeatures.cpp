// kernel.random_features -> for each row and head: its products with the weight
// into the destination, then exponentials in place.
#include "compiler/Kernels/Tiles.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <cmath>

using namespace mlir;
using namespace kernel;
using namespace kernels;

namespace {

/// A head of a row.
struct FeaturesOfHead {
  RandomFeaturesOp op;
  KernelFunction &f;
  Emitter &e;
  Value row, from, to; ///< its first columns of input and destination

  int64_t depth = op.headDim(), features = op.features();

  Value times(Value vector, double factor) {
    return arith::MulFOp::create(e.b, e.loc, vector, e.splat(factor, partials));
  }
  Value load(Value rows, Value base, Value column, Value mask) {
    return e.loadColumns(f[rows], {row, e.add(base, column)}, mask);
  }
  void project();
  Value halfSquare();
  Value most();
  void emit();
};

void FeaturesOfHead::project() {
  constexpr int64_t panel = RandomFeaturesOp::panel;
  constexpr int64_t vectors = panel / partials;
  Value weight = f[op.getWeight()];
  Value end = features % panel ? e.add(to, features) : Value();
  SmallVector<Value> zeros(vectors, e.splat(0, partials));
  e.loop(e.index(0), e.index(dimOf(weight, 0)), 1, [&](Value number) {
    SmallVector<Value> sums = multiplyTile(
        e, e.index(depth), /*rows=*/1, vectors, partials, zeros,
        [&](int64_t, Value k) {
          return e.loadScalar(f[op.getInput()], {row, e.add(from, k)});
        },
        [&](Value k, int64_t j) {
          return e.load(weight, {number, k, e.index(j * partials)}, partials);
        });
    for (Value &sum : sums)
      sum = times(sum, std::pow(depth, -0.25));
    storeTile(e, {sums}, f[op.getInits()[0]], row,
              e.add(to, e.mul(number, panel)), partials, end);
  });
}

/// Half of the square of the head's length, scaled as its products are.
Value FeaturesOfHead::halfSquare() {
  Value squares = e.foldColumns(depth, e.splat(0, partials),
                                [&](Value sum, Value c, Value mask) {
                                  Value x = load(op.getInput(), from, c, mask);
                                  return e.fma(x, x, sum);
                                });
  return times(e.broadcast(sumTree(e, squares), partials),
               0.5 / std::sqrt(depth));
}

Value FeaturesOfHead::most() {
  auto product = [&](Value c, Value mask) {
    return load(op.getInits()[0], to, c, mask);
  };
  return e.broadcast(e.largestColumn(features, product), partials);
}

void FeaturesOfHead::emit() {
  project();
  Value less = op.getRelative() ? most() : halfSquare();
  e.columns(features, [&](Value c, Value mask) {
    Value x = load(op.getInits()[0], to, c, mask);
    Value y = emitExp(e, arith::SubFOp::create(e.b, e.loc, x, less));
    if (!op.getRelative())
      y = times(y, 1 / std::sqrt(features));
    e.storeColumns(y, f[op.getInits()[0]], {row, e.add(to, c)}, mask);
  });
}

} // namespace

void kernels::emitRandomFeatures(RandomFeaturesOp op) {
  int64_t heads = op.getHeads(), depth = op.headDim();
  int64_t features = op.features();
  forRows(op, "random_features", op.getCount(), op.getStep(), {},
          [&](Emitter &e, KernelFunction &f, Value row) {
            e.loop(e.index(0), e.index(heads), 1, [&](Value head) {
              FeaturesOfHead{
                  op, f, e, row, e.mul(head, depth), e.mul(head, features)}
                  .emit();
            });
          });
}
