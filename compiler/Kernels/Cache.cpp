// Caches are read by widening their elements to f32, in which all arithmetic
// is done. Everything is integer code or exact, so that all CPUs agree.
#include "compiler/Kernels/Cache.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace kernel;
using namespace kernels;

Type kernels::elementOf(Emitter &e, CacheAttr cache) {
  switch (cache.getFormat()) {
  case Format::F32:
    return e.b.getF32Type();
  case Format::Bf16:
    return e.b.getI16Type();
  case Format::Int8:
    return e.b.getI8Type();
  case Format::Int4:
    break;
  }
  llvm_unreachable("no cache is of int4");
}

Value kernels::keysOf(Emitter &e, Value step, Value row, Value slot,
                      CacheAttr cache) {
  auto type = MemRefType::get({cache.getBlocks(),
                               cache.getKvHeads() * cache.getHeadDim(),
                               CacheAttr::block},
                              elementOf(e, cache));
  return RowCacheOp::create(e.b, e.loc, type, step, row, slot);
}

Value kernels::valuesOf(Emitter &e, Value step, Value row, Value slot,
                        CacheAttr cache) {
  auto type = MemRefType::get({cache.getBlocks(), cache.getKvHeads(),
                               CacheAttr::block, cache.paddedValueDim()},
                              elementOf(e, cache));
  return RowCacheOp::create(e.b, e.loc, type, step, row,
                            e.add(slot, cache.keyBytes()));
}

Value kernels::scalesOf(Emitter &e, Target target, Value step, Value row,
                        Value slot, CacheAttr cache) {
  if (cache.getFormat() != Format::Int8)
    return Value();
  auto type =
      MemRefType::get({cache.getBlocks(), cache.getKvHeads(), CacheAttr::block},
                      e.b.getF32Type());
  int64_t offset = cache.keyBytes() + cache.valueBytes();
  if (target == Target::Values)
    offset += cache.scaleBytes();
  return RowCacheOp::create(e.b, e.loc, type, step, row, e.add(slot, offset));
}

Value kernels::loadCached(Emitter &e, Value buffer, ValueRange at,
                          int64_t lanes) {
  Value elements = e.load(buffer, at, lanes);
  Type type = cast<VectorType>(elements.getType()).getElementType();
  if (type.isF32())
    return elements;
  if (type.isInteger(8))
    return arith::SIToFPOp::create(e.b, e.loc, e.vectorType(lanes), elements);
  auto words = VectorType::get({lanes}, e.b.getI32Type());
  Value wide = arith::ExtUIOp::create(e.b, e.loc, words, elements);
  Value bits = arith::ShLIOp::create(e.b, e.loc, wide, e.splatWord(16, lanes));
  return e.cast(bits, lanes, e.b.getF32Type());
}

Value kernels::timesScale(Emitter &e, Value x, Value scales, ValueRange at) {
  if (!scales)
    return x;
  int64_t lanes = cast<VectorType>(x.getType()).getNumElements();
  return arith::MulFOp::create(e.b, e.loc, x, e.load(scales, at, lanes));
}

// Conversions of hardware differ in subnormal numbers. A NaN stays one.
Value kernels::toBf16(Emitter &e, Value x) {
  int64_t lanes = cast<VectorType>(x.getType()).getNumElements();
  auto halves = VectorType::get({lanes}, e.b.getI16Type());
  auto splat = [&](int32_t word) { return e.splatWord(word, lanes); };
  auto add = [&](Value a, Value b) -> Value {
    return arith::AddIOp::create(e.b, e.loc, a, b);
  };
  auto shift = [&](Value a) -> Value {
    return arith::ShRUIOp::create(e.b, e.loc, a, splat(16));
  };
  Value bits = e.cast(x, lanes, e.b.getI32Type());
  Value odd = arith::AndIOp::create(e.b, e.loc, shift(bits), splat(1));
  Value rounded = shift(add(bits, add(odd, splat(0x7fff))));
  Value isNan =
      arith::CmpFOp::create(e.b, e.loc, arith::CmpFPredicate::UNO, x, x);
  Value result = e.select(isNan, splat(0x7fc0), rounded);
  return arith::TruncIOp::create(e.b, e.loc, halves, result);
}

int64_t QuantisedRow::width() const {
  return target == Target::Keys ? cache.getHeadDim() : cache.getValueDim();
}

/// max |x| of the head whose columns begin at `base`.
Value QuantisedRow::largest(Value base) {
  auto larger = [&](Value most, Value column, Value mask) -> Value {
    Value x = e.loadColumns(from, {e.index(0), e.add(base, column)}, mask);
    x = math::AbsFOp::create(e.b, e.loc, x);
    return e.larger(most, x);
  };
  Value most = e.foldColumns(width(), e.splat(0, partials), larger);
  return maxTree(e, most);
}

// A key's column is a row of its block; a value has room for whole vectors.
void QuantisedRow::storeBytes(Value bytes, Value head, Value column,
                              int64_t count) {
  if (target == Target::Values)
    return e.store(bytes, to, {of, head, inBlock, column});
  Value first = e.add(e.mul(head, width()), column);
  for (int64_t i = 0; i < count; ++i)
    e.store(vector::ExtractOp::create(e.b, e.loc, bytes, i), to,
            {of, e.add(first, i), inBlock});
}

void QuantisedRow::storeHead(Value head) {
  Value base = e.mul(head, width());
  Value most = largest(base);
  // 127 / max of less would overflow.
  Value tiny = arith::CmpFOp::create(e.b, e.loc, arith::CmpFPredicate::OLT,
                                     most, e.f32(0x1p-100));
  Value inverse = e.select(tiny, e.f32(0),
                           arith::DivFOp::create(e.b, e.loc, e.f32(127), most));
  e.store(arith::DivFOp::create(e.b, e.loc, most, e.f32(127)), scales,
          {of, head, inBlock});
  Value factor = e.broadcast(inverse, partials);
  auto bytes = VectorType::get({partials}, e.b.getI8Type());
  auto words = VectorType::get({partials}, e.b.getI32Type());
  e.columns(width(), [&](Value column, Value mask) {
    Value x = e.loadColumns(from, {e.index(0), e.add(base, column)}, mask);
    Value q = math::RoundEvenOp::create(
        e.b, e.loc, arith::MulFOp::create(e.b, e.loc, x, factor));
    q = arith::FPToSIOp::create(e.b, e.loc, words, q);
    storeBytes(arith::TruncIOp::create(e.b, e.loc, bytes, q), head, column,
               mask ? width() % partials : partials);
  });
}

void QuantisedRow::store() {
  e.loop(e.index(0), e.index(cache.getKvHeads()), 1,
         [&](Value head) { storeHead(head); });
}
