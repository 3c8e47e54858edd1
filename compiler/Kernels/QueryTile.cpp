// What a tile of queries is made of, and which keys it may see.
#include "compiler/Kernels/QueryTile.h"

#include "compiler/Kernels/Cache.h"
#include "compiler/Kernels/Window.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace kernel;
using namespace kernels;

QueryTile::QueryTile(AttentionOp op, KernelFunction &f, int64_t height,
                     int64_t registers, Value positions, Value limits)
    : op(op), f(f), e(f.builder(), op.getLoc()), height(height),
      registers(registers), queries(Queries::fromExtras(f, op)),
      positions(positions), limits(limits), cache(op.getCache()),
      lanes(op.getSchedule().getLanes()),
      shared(op.getHeads() / cache.getKvHeads()) {}

void QueryTile::load() {
  scores = onStack(KeyBlock::size);
  state = onStack(RunningSoftmax::width(op));
  Value step = f[op.getStep()], slot = f[op.getSlot()];
  keys = keysOf(e, step, queries.row, slot, cache);
  values = valuesOf(e, step, queries.row, slot, cache);
  keyScales = scalesOf(e, Target::Keys, step, queries.row, slot, cache);
  valueScales = scalesOf(e, Target::Values, step, queries.row, slot, cache);
  if (op.getWindow() || op.getMask() == Mask::Causal)
    position = e.loadIndex(positions, {queries.row});
  loadQueries();
}

Value QueryTile::onStack(int64_t columns) {
  auto type = MemRefType::get({height * registers, columns}, e.b.getF32Type());
  return memref::AllocaOp::create(e.b, e.loc, type, e.b.getI64IntegerAttr(64));
}

Value QueryTile::headOf(Value i) {
  Value head = e.mul(queries.group, shared);
  return shared == 1 ? head : e.add(head, e.rem(number(i), shared));
}

void QueryTile::eachRegister(Body body) {
  if (registers == 1)
    return body(e.index(0));
  e.loop(e.index(0), queries.count, height, body);
}

void QueryTile::eachOf(Value first, Body body) {
  e.loop(first, e.add(lastOf(first), 1), 1, body);
}

Value QueryTile::lastOf(Value first) {
  return registers == 1 ? last() : e.min(e.add(first, height - 1), last());
}

// Side by side, whichever rows and heads they come from. Their results go to
// lines that the cache is told of here.
void QueryTile::loadQueries() {
  int64_t dim = cache.getHeadDim(), width = cache.getValueDim();
  query = onStack(llvm::alignTo(dim, partials));
  Value result = f[op.getInits()[0]];
  eachRegister([&](Value first) {
    e.loop(first, e.add(first, height), 1, [&](Value i) {
      Value from = e.min(i, last());
      Value row = rowOf(from), head = headOf(from);
      Value base = e.mul(head, dim), to = e.mul(head, width);
      e.columns(dim, [&](Value c, Value mask) {
        e.store(e.loadColumns(f[op.getQuery()], {row, e.add(base, c)}, mask),
                query, {i, c});
      });
      e.loop(e.index(0), e.index(width), partials, [&](Value c) {
        e.prefetch(result, {row, e.add(to, c)}, /*locality=*/2);
      });
    });
  });
}

std::pair<Value, Value> QueryTile::seenBy(Value row) {
  return windowBesideGlobal(e, op, e.add(position, row), queries.known);
}

Value QueryTile::limitOf(Value i) {
  if (limits)
    return e.loadIndex(limits, {rowOf(i)});
  if (op.getWindow())
    return seenBy(rowInTile(i)).second;
  if (op.getMask() == Mask::Causal)
    return e.add(e.add(position, 1), rowInTile(i));
  return queries.known;
}

Value QueryTile::limitOf(Value first, Value last) {
  Value limit = limitOf(last);
  if (!op.getGlobal()) // the first of them sees the most
    return limit;
  return e.max(limitOf(first), limit);
}

Value KeyBlock::below(Emitter &e, Value number, Value limit) {
  Value keys = e.sub(limit, e.mul(number, size));
  return e.min(e.max(keys, e.index(0)), e.index(size));
}

void kernels::eachReader(QueryTile &t, const KeyBlock &block, Value key,
                         QueryTile::Body body) {
  if (t.registers == 1)
    return body(t.e.index(0));
  t.eachRegister([&](Value first) {
    t.e.ifThen(t.e.less(key, block.endOf(first)), [&] { body(first); });
  });
}
