// exp, tanh and erf as polynomials of +, * and fma, and the fixed order in
// which the 16 partial results of a row reduction are combined. Coefficients
// are minimax fits (Lawson's iteration in float64) rounded to float32.
#include "compiler/Kernels/Emitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace kernels;

namespace {

int64_t lanesOf(Value v) { return cast<VectorType>(v.getType()).getDimSize(0); }

Value addf(Emitter &e, Value x, Value y) {
  return arith::AddFOp::create(e.b, e.loc, x, y);
}
Value subf(Emitter &e, Value x, Value y) {
  return arith::SubFOp::create(e.b, e.loc, x, y);
}
Value mulf(Emitter &e, Value x, Value y) {
  return arith::MulFOp::create(e.b, e.loc, x, y);
}
Value divf(Emitter &e, Value x, Value y) {
  return arith::DivFOp::create(e.b, e.loc, x, y);
}
Value lessThan(Emitter &e, Value x, Value y) {
  return arith::CmpFOp::create(e.b, e.loc, arith::CmpFPredicate::OLT, x, y);
}

/// c[0] + x * (c[1] + x * (...)).
Value horner(Emitter &e, Value x, ArrayRef<double> c) {
  int64_t lanes = lanesOf(x);
  Value sum = e.splat(c.back(), lanes);
  for (double coefficient : llvm::reverse(c.drop_back()))
    sum = e.fma(sum, x, e.splat(coefficient, lanes));
  return sum;
}

/// y * 2^n for integral n by adding to the exponent; y near 1.
Value scaleByPower(Emitter &e, Value y, Value n) {
  auto ints = VectorType::get({lanesOf(y)}, e.b.getI32Type());
  Value i = arith::FPToSIOp::create(e.b, e.loc, ints, n);
  Value shift = arith::ConstantOp::create(
      e.b, e.loc, SplatElementsAttr::get(ints, e.b.getI32IntegerAttr(23)));
  Value bits = arith::BitcastOp::create(e.b, e.loc, ints, y);
  Value exponent = arith::ShLIOp::create(e.b, e.loc, i, shift);
  Value sum = arith::AddIOp::create(e.b, e.loc, bits, exponent);
  return arith::BitcastOp::create(e.b, e.loc, y.getType(), sum);
}

Value absolute(Emitter &e, Value x) {
  return math::AbsFOp::create(e.b, e.loc, x);
}
Value withSignOf(Emitter &e, Value magnitude, Value sign) {
  return math::CopySignOp::create(e.b, e.loc, magnitude, sign);
}

Value foldHalves(Emitter &e, Value v,
                 llvm::function_ref<Value(Value, Value)> combine) {
  for (int64_t half = lanesOf(v) / 2; half >= 1; half /= 2) {
    auto slice = [&](int64_t from) -> Value {
      auto lanes = llvm::to_vector(llvm::seq(from, from + half));
      return vector::ShuffleOp::create(e.b, e.loc, v, v, lanes);
    };
    v = combine(slice(0), slice(half));
  }
  return vector::ExtractOp::create(e.b, e.loc, v, ArrayRef<int64_t>{0});
}

} // namespace

Value kernels::sumTree(Emitter &e, Value v) {
  return foldHalves(e, v, [&](Value x, Value y) { return addf(e, x, y); });
}

Value kernels::maxTree(Emitter &e, Value v) {
  return foldHalves(e, v,
                    [&](Value x, Value y) -> Value { return e.larger(x, y); });
}

// exp(x) = 2^n exp(f), f = x - n ln 2 in two steps (Cody and Waite).
Value kernels::emitExp(Emitter &e, Value x) {
  int64_t lanes = lanesOf(x);
  Value low = e.splat(-87.33654, lanes), high = e.splat(88.37626, lanes);
  x = e.select(lessThan(e, x, low), low, x);
  x = e.select(lessThan(e, high, x), high, x);
  Value n =
      math::RoundEvenOp::create(e.b, e.loc, mulf(e, x, e.splat(log2e, lanes)));
  Value f = e.fma(n, e.splat(-0.693359375, lanes), x);
  f = e.fma(n, e.splat(2.12194440e-4, lanes), f);
  Value p = horner(e, f,
                   {0.5, 0.166665181517601, 0.04166620597243309,
                    0.008368946611881256, 0.001395058468915522});
  Value y = addf(e, e.fma(mulf(e, f, f), p, f), e.splat(1, lanes));
  return scaleByPower(e, y, n);
}

// At -127 the exponent and all bits of 2^0 are gone; from -126 down to there
// the bits left stand for a subnormal number of about that size.
Value kernels::emitExp2(Emitter &e, Value x) {
  int64_t lanes = lanesOf(x);
  Value least = e.splat(-127, lanes);
  x = e.select(lessThan(e, x, least), least, x);
  Value n = math::RoundEvenOp::create(e.b, e.loc, x);
  Value f = subf(e, x, n);
  Value y = horner(e, f,
                   {1.0, 0.6931471824645996, 0.24022650718688965,
                    0.055503278970718384, 0.009618005715310574,
                    0.001340024871751666, 0.000154758759890683});
  return scaleByPower(e, y, n);
}

Value kernels::emitWeight(Emitter &e, Value x, Value top) {
  Value d = arith::SubFOp::create(e.b, e.loc, x, top);
  return emitExp2(e, mulf(e, d, e.splat(log2e, lanesOf(x))));
}

// Odd polynomial near 0, 1 - 2 / (exp(2|x|) + 1) beyond.
Value kernels::emitTanh(Emitter &e, Value x) {
  int64_t lanes = lanesOf(x);
  Value a = absolute(e, x), z = mulf(e, x, x);
  Value p =
      horner(e, z,
             {-0.3333328068256378, 0.13331353664398193, -0.05373093858361244,
              0.020606698468327522, -0.005665325094014406});
  Value near = e.fma(mulf(e, p, z), x, x);
  Value one = e.splat(1, lanes);
  Value grown = addf(e, emitExp(e, addf(e, a, a)), one);
  Value far = subf(e, one, divf(e, e.splat(2, lanes), grown));
  return e.select(lessThan(e, a, e.splat(0.625, lanes)), near,
                  withSignOf(e, far, x));
}

// x P(x^2) below 1, 1 - exp(Q(|x|)) with Q = log erfc beyond.
Value kernels::emitErf(Emitter &e, Value x) {
  int64_t lanes = lanesOf(x);
  Value a = absolute(e, x), z = mulf(e, x, x);
  Value near =
      mulf(e, x,
           horner(e, z,
                  {1.1283791065216064, -0.3761262595653534, 0.11283600330352783,
                   -0.026854444295167923, 0.005189535208046436,
                   -0.0008020841050893068, 7.889119297033176e-05}));
  Value four = e.splat(4, lanes);
  Value t = e.select(lessThan(e, four, a), four, a);
  Value q = horner(
      e, t,
      {0.00017557891260366887, -1.1295138597488403, -0.6333637833595276,
       -0.10823895782232285, 0.025070834904909134, -0.00413862057030201,
       0.0004219647089485079, -1.850256921898108e-05, -2.2417555101128528e-07});
  Value far = subf(e, e.splat(1, lanes), emitExp(e, q));
  return e.select(lessThan(e, a, e.splat(1, lanes)), near,
                  withSignOf(e, far, x));
}
