// How transformer.attention says that segments are drawn: numbers of
// splitmix64, of which none is made from another one, and Floyd's way not to
// draw one twice.
#include "compiler/Kernels/RandomSegments.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace kernel;
using namespace kernels;

static Value wide(Emitter &e, uint64_t value) {
  return arith::ConstantOp::create(e.b, e.loc,
                                   e.b.getI64IntegerAttr(int64_t(value)));
}

void RandomSegments::makeRoom(Emitter &e) {
  auto type = MemRefType::get({random.getSegments()}, e.b.getI32Type());
  drawn = memref::AllocaOp::create(e.b, e.loc, type);
}

/// Output number `number` of the generator, counted from 0.
Value RandomSegments::output(Emitter &e, Value number) {
  constexpr uint64_t golden = 0x9e3779b97f4a7c15;
  auto mixed = [&](Value z, int64_t bits) -> Value {
    Value high = arith::ShRUIOp::create(e.b, e.loc, z, wide(e, bits));
    return arith::XOrIOp::create(e.b, e.loc, z, high);
  };
  Value z = arith::IndexCastOp::create(e.b, e.loc, e.b.getI64Type(), number);
  z = e.mul(z, wide(e, golden));
  z = e.add(z, wide(e, uint64_t(random.getSeed()) + golden));
  z = e.mul(mixed(z, 30), wide(e, 0xbf58476d1ce4e5b9));
  z = e.mul(mixed(z, 27), wide(e, 0x94d049bb133111eb));
  return mixed(z, 31);
}

Value RandomSegments::draw(Emitter &e, Value segment, Value group, Value round,
                           Value known) {
  Value zero = e.index(0), first = e.index(given);
  Value segments = e.div(e.add(known, length - 1), length);
  // Candidates are before those that are near, and behind them.
  Value before = e.max(e.sub(segment, e.index(beside + given)), zero);
  Value next = e.max(e.add(segment, beside + 1), first);
  Value candidates = e.add(before, e.max(e.sub(segments, next), zero));
  auto candidate = [&](Value number) -> Value {
    return e.select(e.less(number, before), e.add(number, given),
                    e.add(next, e.sub(number, before)));
  };
  Value count = e.min(candidates, e.index(random.getSegments()));
  Value others = e.sub(candidates, count);
  Value stream = e.mul(e.add(e.mul(round, groups), group), int64_t(1) << 40);
  Value begin = e.add(stream, e.mul(segment, random.getSegments()));
  e.loop(zero, count, 1, [&](Value i) {
    Value last = e.add(others, i); // of the candidates that this draw has
    Value bound = arith::IndexCastOp::create(e.b, e.loc, e.b.getI64Type(),
                                             e.add(last, 1));
    Value number =
        arith::RemUIOp::create(e.b, e.loc, output(e, e.add(begin, i)), bound);
    Value chosen = candidate(
        arith::IndexCastOp::create(e.b, e.loc, e.b.getIndexType(), number));
    auto look = [&](Value k, ValueRange so) -> SmallVector<Value> {
      Value same = arith::CmpIOp::create(e.b, e.loc, arith::CmpIPredicate::eq,
                                         e.loadIndex(drawn, {k}), chosen);
      return {e.select(same, candidate(last), so[0])};
    };
    Value kept = e.loop(zero, i, 1, {chosen}, look)[0];
    e.store(e.asWord(kept), drawn, {i});
  });
  return count;
}

std::pair<Value, Value> RandomSegments::rows(Emitter &e, Value i, Value known) {
  Value from = e.mul(e.loadIndex(drawn, {i}), length);
  return {from, e.min(e.add(from, length), known)};
}
