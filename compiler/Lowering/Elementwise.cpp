// Element-wise ops -> kernel.map, which fusion then moves into matmuls.
#include "compiler/Lowering/Lowering.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace lowering;

kernel::MapOp Lowering::mapRows(Location loc, Value input, ValueRange extras,
                                ArrayRef<kernel::Access> accesses,
                                kernel::Count count, int64_t period,
                                Region region) {
  int64_t width = cast<RankedTensorType>(input.getType()).getDimSize(1);
  Value to = destination(loc, width);
  SmallVector<Attribute> kinds;
  for (kernel::Access access : accesses)
    kinds.push_back(kernel::AccessAttr::get(b.getContext(), access));
  auto op = kernel::MapOp::create(
      b, loc, TypeRange{to.getType()}, count, step, input, extras, Value(), to,
      width, kernel::Target::Rows, b.getArrayAttr(kinds), kernel::CacheAttr(),
      period ? b.getI64IntegerAttr(period) : IntegerAttr(), IntegerAttr());
  OpBuilder::InsertionGuard guard(b);
  Block &body = op.getBody().emplaceBlock();
  for (size_t i = 0; i <= extras.size(); ++i)
    body.addArgument(b.getF32Type(), loc);
  b.setInsertionPointToEnd(&body);
  kernel::YieldOp::create(b, loc, region(b, body.getArguments()));
  return op;
}

namespace {

/// Scalar expressions in a region.
struct Scalars {
  OpBuilder &b;
  Location loc;
  Value constant(double v) {
    return arith::ConstantOp::create(b, loc, b.getF32FloatAttr(v));
  }
  Value add(Value x, Value y) { return arith::AddFOp::create(b, loc, x, y); }
  Value mul(Value x, Value y) { return arith::MulFOp::create(b, loc, x, y); }
  Value div(Value x, Value y) { return arith::DivFOp::create(b, loc, x, y); }
  Value mul(Value x, double y) { return mul(x, constant(y)); }
  /// x / (1 + exp(-u)).
  Value gate(Value x, Value u) {
    Value e = math::ExpOp::create(b, loc, mul(u, -1.0));
    return div(x, add(e, constant(1)));
  }
  Value exp(Value x) { return math::ExpOp::create(b, loc, x); }
  /// Above 0 the one, else the other.
  Value select(Value x, Value positive, Value otherwise) {
    Value above = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGT, x,
                                        constant(0));
    return arith::SelectOp::create(b, loc, above, positive, otherwise);
  }
  Value relu(Value x) { return select(x, x, constant(0)); }
  Value logSigmoid(Value x);
};

/// min(x, 0) - log(1 + e) with e = exp(-|x|) up to 1: of s = e / (2 + e), which
/// is a third at most, the logarithm is 2 artanh(s), a series of odd powers.
Value Scalars::logSigmoid(Value x) {
  Value negated = mul(x, -1.0);
  Value e = exp(select(x, negated, x));
  Value s = div(e, add(e, constant(2)));
  Value square = mul(s, s), sum = constant(1.0 / 15);
  for (double odd = 13; odd > 0; odd -= 2)
    sum = add(mul(sum, square), constant(1 / odd));
  return add(mul(relu(negated), -1.0), mul(mul(s, -2.0), sum));
}

Value activate(Scalars s, transformer::Activation kind, Value x) {
  using transformer::Activation;
  switch (kind) {
  case Activation::Relu:
    return s.relu(x);
  case Activation::Relu2: {
    Value r = s.relu(x);
    return s.mul(r, r);
  }
  case Activation::Silu:
    return s.gate(x, x);
  case Activation::EluPlusOne:
    return s.select(x, s.add(x, s.constant(1)), s.exp(x));
  case Activation::Exp:
    return s.exp(x);
  case Activation::QuickGelu:
    return s.gate(x, s.mul(x, 1.702));
  case Activation::Sigmoid:
    return s.gate(s.constant(1), x);
  case Activation::LogSigmoid:
    return s.logSigmoid(x);
  case Activation::Tanh:
    return math::TanhOp::create(s.b, s.loc, x);
  case Activation::Gelu: { // x/2 (1 + erf(x / sqrt 2))
    Value e = math::ErfOp::create(s.b, s.loc, s.mul(x, 0.70710678118654752));
    return s.mul(s.mul(x, 0.5), s.add(e, s.constant(1)));
  }
  case Activation::GeluTanh: { // x/2 (1 + tanh u) = x / (1 + exp(-2u))
    Value cube = s.mul(s.mul(x, x), s.mul(x, 0.044715));
    return s.gate(x, s.mul(s.add(x, cube), 2 * 0.79788456080286536));
  }
  }
  llvm_unreachable("every activation is above");
}

} // namespace

LogicalResult lowering::lowerActivation(Lowering &l,
                                        transformer::ActivationOp op) {
  auto map =
      l.mapRows(op.getLoc(), l.rows(op.getX()), {}, {}, l.countOf(op.getX()), 0,
                [&](OpBuilder &b, ValueRange v) {
                  return activate({b, op.getLoc()}, op.getKind(), v[0]);
                });
  l.replace(op, map.getResult(0), l.countOf(op.getX()));
  return success();
}

LogicalResult lowering::lowerScale(Lowering &l, transformer::ScaleOp op) {
  auto map =
      l.mapRows(op.getLoc(), l.rows(op.getX()), {}, {}, l.countOf(op.getX()), 0,
                [&](OpBuilder &b, ValueRange v) {
                  return Scalars{b, op.getLoc()}.mul(v[0], op.getFactor());
                });
  l.replace(op, map.getResult(0), l.countOf(op.getX()));
  return success();
}

LogicalResult lowering::lowerGain(Lowering &l, transformer::GainOp op) {
  auto map =
      l.mapRows(op.getLoc(), l.rows(op.getX()), l.vectorWeight(op.getWeight()),
                kernel::Access::Columns, l.countOf(op.getX()), 0,
                [&](OpBuilder &b, ValueRange v) {
                  return Scalars{b, op.getLoc()}.mul(v[0], v[1]);
                });
  l.replace(op, map.getResult(0), l.countOf(op.getX()));
  return success();
}

LogicalResult lowering::lowerSoftcap(Lowering &l, transformer::SoftcapOp op) {
  double cap = op.getCap();
  auto map = l.mapRows(
      op.getLoc(), l.rows(op.getX()), {}, {}, l.countOf(op.getX()), 0,
      [&](OpBuilder &b, ValueRange v) {
        Scalars s{b, op.getLoc()};
        Value t = math::TanhOp::create(b, op.getLoc(), s.mul(v[0], 1 / cap));
        return s.mul(t, cap);
      });
  l.replace(op, map.getResult(0), l.countOf(op.getX()));
  return success();
}

LogicalResult lowering::lowerBinary(Lowering &l, Operation *op) {
  Value x = op->getOperand(0), y = op->getOperand(1);
  auto map = l.mapRows(
      op->getLoc(), l.rows(x), l.rows(y), kernel::Access::Elements,
      l.countOf(x), 0, [&](OpBuilder &b, ValueRange v) {
        Scalars s{b, op->getLoc()};
        return isa<arith::AddFOp>(op) ? s.add(v[0], v[1]) : s.mul(v[0], v[1]);
      });
  l.replace(op, map.getResult(0), l.countOf(x));
  return success();
}

// Pairs layout (packing made it so): x cos + neighbour sin, sin negated at even
// columns.
LogicalResult lowering::lowerRotary(Lowering &l, transformer::RotaryOp op) {
  Location loc = op.getLoc();
  int64_t dim = op.getHeadDim();
  if (dim % 2 && lowering::width(op.getX()) != dim)
    return op.emitError("has heads of an odd number of columns, where pairs "
                        "of columns are no pairs of a head");
  int64_t width = llvm::alignTo(dim + 16, 16); // a vector may start anywhere
  auto table = [&](kernel::Origin origin) {
    return l.generatedTable(
        loc, kernel::PartAttr::get(l.b.getContext(), origin, "", l.context,
                                   width, dim, op.getDim(), FloatAttr(),
                                   op.getMagnitudeAttr(),
                                   op.getFrequenciesAttr(), {}, 0));
  };
  Value tables[] = {table(kernel::Origin::RotaryCos),
                    table(kernel::Origin::RotarySin)};
  auto map = l.mapRows(
      loc, l.rows(op.getX()), tables,
      {kernel::Access::Positions, kernel::Access::Positions},
      l.countOf(op.getX()), dim, [&](OpBuilder &b, ValueRange v) -> Value {
        Value swapped =
            kernel::SwapPairsOp::create(b, loc, b.getF32Type(), v[0]);
        Value straight = arith::MulFOp::create(b, loc, v[0], v[1]);
        return math::FmaOp::create(b, loc, swapped, v[2], straight);
      });
  l.replace(op, map.getResult(0), l.countOf(op.getX()));
  return success();
}
