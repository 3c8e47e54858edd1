// Constants, index arithmetic, loads, stores and loops.
#include "compiler/Kernels/Emitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace kernels;

Value Emitter::index(int64_t value) {
  return arith::ConstantIndexOp::create(b, loc, value);
}
Value Emitter::f32(double value) {
  return arith::ConstantOp::create(b, loc, b.getF32FloatAttr(value));
}
VectorType Emitter::vectorType(int64_t lanes) {
  return VectorType::get({lanes}, b.getF32Type());
}
Value Emitter::splat(double value, int64_t lanes) {
  return arith::ConstantOp::create(
      b, loc,
      SplatElementsAttr::get(vectorType(lanes), static_cast<float>(value)));
}

Value Emitter::word(int32_t value) {
  return arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(value));
}
Value Emitter::splatWord(int32_t value, int64_t lanes) {
  auto type = VectorType::get({lanes}, b.getI32Type());
  return arith::ConstantOp::create(b, loc, SplatElementsAttr::get(type, value));
}

Value Emitter::add(Value x, Value y) {
  return arith::AddIOp::create(b, loc, x, y);
}
Value Emitter::add(Value x, int64_t y) { return y ? add(x, index(y)) : x; }
Value Emitter::mul(Value x, Value y) {
  return arith::MulIOp::create(b, loc, x, y);
}
Value Emitter::mul(Value x, int64_t y) { return y == 1 ? x : mul(x, index(y)); }
Value Emitter::sub(Value x, Value y) {
  return arith::SubIOp::create(b, loc, x, y);
}
Value Emitter::div(Value x, int64_t y) {
  return y == 1 ? x : arith::DivUIOp::create(b, loc, x, index(y)).getResult();
}
Value Emitter::rem(Value x, int64_t y) {
  return arith::RemUIOp::create(b, loc, x, index(y));
}
Value Emitter::less(Value x, Value y) {
  return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, x, y);
}
Value Emitter::min(Value x, Value y) {
  return arith::MinSIOp::create(b, loc, x, y);
}

Value Emitter::max(Value x, Value y) {
  return arith::MaxSIOp::create(b, loc, x, y);
}

Value Emitter::select(Value condition, Value x, Value y) {
  return arith::SelectOp::create(b, loc, condition, x, y);
}

Value Emitter::both(Value x, Value y) {
  return arith::AndIOp::create(b, loc, x, y);
}

Value Emitter::larger(Value x, Value y) {
  Value less = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OLT, x, y);
  return select(less, y, x);
}

Value Emitter::asWord(Value index) {
  return arith::IndexCastOp::create(b, loc, b.getI32Type(), index);
}

Value Emitter::broadcast(Value scalar, int64_t lanes) {
  return vector::BroadcastOp::create(
      b, loc, VectorType::get({lanes}, scalar.getType()), scalar);
}
Value Emitter::cast(Value vector, int64_t lanes, Type element) {
  return vector::BitCastOp::create(b, loc, VectorType::get({lanes}, element),
                                   vector);
}
Value Emitter::fma(Value x, Value y, Value z) {
  return math::FmaOp::create(b, loc, x, y, z);
}
Value Emitter::load(Value buffer, ValueRange at, int64_t lanes) {
  Type element = mlir::cast<MemRefType>(buffer.getType()).getElementType();
  return vector::LoadOp::create(b, loc, VectorType::get({lanes}, element),
                                buffer, at);
}
Value Emitter::loadScalar(Value buffer, ValueRange at) {
  return memref::LoadOp::create(b, loc, buffer, at);
}
Value Emitter::loadIndex(Value buffer, ValueRange at) {
  return arith::IndexCastOp::create(b, loc, b.getIndexType(),
                                    loadScalar(buffer, at));
}
void Emitter::store(Value vector, Value buffer, ValueRange at) {
  if (isa<VectorType>(vector.getType()))
    vector::StoreOp::create(b, loc, vector, buffer, at);
  else
    memref::StoreOp::create(b, loc, vector, buffer, at);
}
void Emitter::prefetch(Value buffer, ValueRange at, int64_t locality) {
  memref::PrefetchOp::create(b, loc, buffer, at, /*isWrite=*/false, locality,
                             /*isDataCache=*/true);
}

Value Emitter::mask(Value valid, int64_t lanes) {
  auto type = VectorType::get({lanes}, b.getI1Type());
  return vector::CreateMaskOp::create(b, loc, type, ValueRange{valid});
}
Value Emitter::loadMasked(Value buffer, ValueRange at, Value mask,
                          int64_t lanes) {
  return vector::MaskedLoadOp::create(b, loc, vectorType(lanes), buffer, at,
                                      mask, splat(0, lanes));
}
void Emitter::storeMasked(Value vector, Value buffer, ValueRange at,
                          Value mask) {
  vector::MaskedStoreOp::create(b, loc, buffer, at, mask, vector);
}

void Emitter::loop(Value from, Value to, int64_t step, Body body) {
  auto loop = scf::ForOp::create(b, loc, from, to, index(step));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(loop.getBody()->getTerminator());
  body(loop.getInductionVar());
}

SmallVector<Value> Emitter::loop(Value from, Value to, int64_t step,
                                 ValueRange carried, CarriedBody body) {
  auto loop = scf::ForOp::create(b, loc, from, to, index(step), carried);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToEnd(loop.getBody());
  SmallVector<Value> next =
      body(loop.getInductionVar(), loop.getRegionIterArgs());
  scf::YieldOp::create(b, loc, next);
  return loop.getResults();
}

void Emitter::loopWhile(Value first, Next wanted, Next next) {
  OpBuilder::InsertionGuard guard(b);
  scf::WhileOp::create(
      b, loc, TypeRange{b.getIndexType()}, ValueRange{first},
      [&](OpBuilder &inside, Location, ValueRange value) {
        b.setInsertionPoint(inside.getInsertionBlock(),
                            inside.getInsertionPoint());
        scf::ConditionOp::create(b, loc, wanted(value[0]), value);
      },
      [&](OpBuilder &inside, Location, ValueRange value) {
        b.setInsertionPoint(inside.getInsertionBlock(),
                            inside.getInsertionPoint());
        scf::YieldOp::create(b, loc, next(value[0]));
      });
}

void Emitter::parallel(Value n, Body body) {
  auto loop = scf::ParallelOp::create(b, loc, ValueRange{index(0)},
                                      ValueRange{n}, ValueRange{index(1)});
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(loop.getBody()->getTerminator());
  body(loop.getInductionVars()[0]);
}

void Emitter::ifThen(Value condition, llvm::function_ref<void()> then,
                     llvm::function_ref<void()> otherwise) {
  auto op = scf::IfOp::create(b, loc, condition, static_cast<bool>(otherwise));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(op.thenBlock()->getTerminator());
  then();
  if (!otherwise)
    return;
  b.setInsertionPoint(op.elseBlock()->getTerminator());
  otherwise();
}

void Emitter::columns(int64_t width, Columns body) {
  int64_t full = width / partials * partials;
  if (full)
    loop(index(0), index(full), partials,
         [&](Value column) { body(column, Value()); });
  if (full != width)
    body(index(full), mask(index(width - full), partials));
}

Value Emitter::foldColumns(int64_t width, Value start, Term term) {
  int64_t full = width / partials * partials;
  Value partial = start;
  if (full)
    partial = loop(index(0), index(full), partials, {partial},
                   [&](Value column, ValueRange so) -> SmallVector<Value> {
                     return {term(so[0], column, Value())};
                   })[0];
  if (full != width)
    partial = term(partial, index(full), mask(index(width - full), partials));
  return partial;
}

Value Emitter::largestColumn(int64_t width,
                             llvm::function_ref<Value(Value, Value)> load) {
  Value lowest = splat(-INFINITY, partials);
  Value most = foldColumns(width, lowest,
                           [&](Value most, Value column, Value mask) -> Value {
                             Value x = load(column, mask);
                             if (mask)
                               x = select(mask, x, lowest);
                             return larger(most, x);
                           });
  return maxTree(*this, most);
}

Value Emitter::loadColumns(Value buffer, ValueRange at, Value mask) {
  return mask ? loadMasked(buffer, at, mask, partials)
              : load(buffer, at, partials);
}

void Emitter::storeColumns(Value vector, Value buffer, ValueRange at,
                           Value mask) {
  if (mask)
    storeMasked(vector, buffer, at, mask);
  else
    store(vector, buffer, at);
}

void Emitter::copyRow(Value from, Value row, Value to, Value at) {
  columns(cast<MemRefType>(from.getType()).getDimSize(1),
          [&](Value c, Value mask) {
            storeColumns(loadColumns(from, {row, c}, mask), to, {at, c}, mask);
          });
}
