// Loads and stores of a tile: row buffers by vectors, caches element by element
// from a small copy on the stack.
#include "compiler/Kernels/Tiles.h"

#include "compiler/Kernels/Cache.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace kernel;
using namespace kernels;

static constexpr int64_t block = CacheAttr::block;

Value kernels::positionsOf(OpBuilder &b, Location loc, Value step,
                           int64_t capacity) {
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  return BufferOp::create(b, loc, MemRefType::get({capacity}, b.getI32Type()),
                          Buffer::Positions, step, zero);
}

Value kernels::limitsOf(OpBuilder &b, Location loc, Value step,
                        int64_t capacity) {
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  return BufferOp::create(b, loc, MemRefType::get({capacity}, b.getI32Type()),
                          Buffer::Limits, step, zero);
}

SmallVector<Value> Extras::load(Emitter &e, Region &region,
                                unsigned firstArgument, Value row, Value column,
                                int64_t lanes, Value mask) const {
  SmallVector<Value> loaded;
  for (auto [i, buffer] : llvm::enumerate(buffers)) {
    if (region.getArgument(firstArgument + i).use_empty()) {
      loaded.push_back(Value());
      continue;
    }
    switch (cast<AccessAttr>(accesses[i]).getValue()) {
    case Access::Elements:
      loaded.push_back(mask ? e.loadMasked(buffer, {row, column}, mask, lanes)
                            : e.load(buffer, {row, column}, lanes));
      break;
    case Access::Columns:
      loaded.push_back(e.load(buffer, {column}, lanes));
      break;
    case Access::Positions: {
      Value position = e.loadIndex(positions, {row});
      if (shift) // rows before the first are overwritten: any place will do
        position = e.max(e.sub(position, e.index(shift)), e.index(0));
      Value c = period ? e.rem(column, period) : column;
      loaded.push_back(e.load(buffer, {position, c}, lanes));
      break;
    }
    }
  }
  return loaded;
}

void kernels::storeTile(Emitter &e, ArrayRef<SmallVector<Value>> tile,
                        Value rows, Value row, Value column, int64_t lanes,
                        Value end) {
  for (auto [i, vectors] : llvm::enumerate(tile))
    for (auto [j, vector] : llvm::enumerate(vectors)) {
      Value c = e.add(column, j * lanes);
      SmallVector<Value> at{e.add(row, i), c};
      if (end)
        e.storeMasked(vector, rows, at, e.mask(e.sub(end, c), lanes));
      else
        e.store(vector, rows, at);
    }
}

// A key's column c is row c of its block's panel.
void Destination::storeKeys(Emitter &e, Value tile, int64_t count, Value row,
                            Value column, Value valid) const {
  e.loop(e.index(0), e.index(count), 1, [&](Value i) {
    Value r = e.add(row, i);
    Value keys = keysOf(e, step, r, slot, cache);
    Value position = e.loadIndex(positions, {r});
    Value inBlock = e.rem(position, block), of = e.div(position, block);
    e.loop(e.index(0), valid, 1, [&](Value c) {
      e.store(e.loadScalar(tile, {i, c}), keys,
              {of, e.add(column, c), inBlock});
    });
  });
}

void Destination::storeValues(Emitter &e, Value tile, int64_t count, Value row,
                              Value column, Value valid) const {
  int64_t width = cache.getValueDim();
  // Vectors must straddle neither heads nor the ends of the tile.
  int64_t tileWidth = cast<MemRefType>(tile.getType()).getDimSize(1);
  bool whole = width % partials == 0 && tileWidth % partials == 0;
  e.loop(e.index(0), e.index(count), 1, [&](Value i) {
    Value r = e.add(row, i);
    Value values = valuesOf(e, step, r, slot, cache);
    Value position = e.loadIndex(positions, {r});
    Value inBlock = e.rem(position, block), of = e.div(position, block);
    e.loop(e.index(0), valid, whole ? partials : 1, [&](Value j) {
      Value c = e.add(column, j);
      SmallVector<Value> at{of, e.div(c, width), inBlock, e.rem(c, width)};
      Value element =
          whole ? e.load(tile, {i, j}, partials) : e.loadScalar(tile, {i, j});
      e.store(element, values, at);
    });
  });
}

void Destination::store(Emitter &e, ArrayRef<SmallVector<Value>> tile,
                        Value row, Value column, int64_t lanes,
                        bool partial) const {
  if (target == Target::Rows)
    return storeTile(e, tile, rows, row, column, lanes,
                     partial ? e.index(columns) : Value());
  int64_t count = tile.size(), width = tile[0].size() * lanes;
  bool halves = cache.getFormat() == Format::Bf16;
  Value copy;
  {
    // On the stack of the function, not of a loop in it.
    OpBuilder::InsertionGuard guard(e.b);
    Operation *parent = e.b.getInsertionBlock()->getParentOp();
    auto func = dyn_cast<func::FuncOp>(parent);
    if (!func)
      func = parent->getParentOfType<func::FuncOp>();
    e.b.setInsertionPointToStart(&func.front());
    copy = memref::AllocaOp::create(
        e.b, e.loc, MemRefType::get({count, width}, elementOf(e, cache)));
  }
  for (auto [i, vectors] : llvm::enumerate(tile))
    for (auto [j, vector] : llvm::enumerate(vectors))
      e.store(halves ? toBf16(e, vector) : vector, copy,
              {e.index(i), e.index(j * lanes)});
  Value valid = e.index(width);
  if (partial)
    valid = e.min(valid, e.sub(e.index(columns), column));
  if (target == Target::Keys)
    storeKeys(e, copy, count, row, column, valid);
  else
    storeValues(e, copy, count, row, column, valid);
}

SmallVector<Value>
kernels::multiplyTile(Emitter &e, Value depth, int64_t rows, int64_t vectors,
                      int64_t lanes, ValueRange sums,
                      llvm::function_ref<Value(int64_t, Value)> left,
                      llvm::function_ref<Value(Value, int64_t)> right) {
  return e.loop(e.index(0), depth, 1, sums, [&](Value k, ValueRange sums) {
    SmallVector<Value> next, r;
    for (int64_t j = 0; j < vectors; ++j)
      r.push_back(right(k, j));
    for (int64_t i = 0; i < rows; ++i) {
      Value l = e.broadcast(left(i, k), lanes);
      for (int64_t j = 0; j < vectors; ++j)
        next.push_back(e.fma(l, r[j], sums[i * vectors + j]));
    }
    return next;
  });
}

void kernels::forHeads(Operation *op, StringRef name, Value step, Value query,
                       int64_t heads, ArrayRef<Value> buffers, bool ofSources,
                       llvm::function_ref<void(KernelFunction &, Value)> body) {
  OpBuilder b(op);
  Emitter e(b, op->getLoc());
  int64_t capacity = dimOf(query, 0);
  Value positions = positionsOf(b, e.loc, step, capacity);
  SmallVector<Value> values(op->getOperands());
  values.push_back(positions);
  llvm::append_range(values, buffers);
  KernelFunction f(op, name, values, 3);
  body(f, f[positions]);
  Value list =
      BufferOp::create(b, e.loc, MemRefType::get({capacity, 4}, b.getI32Type()),
                       Buffer::Tiles, step, e.index(0));
  Value sources;
  if (ofSources)
    sources =
        BufferOp::create(b, e.loc, MemRefType::get({capacity}, b.getI32Type()),
                         Buffer::Sources, step, e.index(0));
  Value tiles = CountOp::create(b, e.loc, b.getIndexType(), Count::Tiles, step);
  e.parallel(e.mul(tiles, heads), [&](Value i) {
    Value head = arith::DivUIOp::create(b, e.loc, i, tiles);
    Value at = arith::RemUIOp::create(b, e.loc, i, tiles);
    Value first = e.loadIndex(list, {at, e.index(0)});
    Value count = e.loadIndex(list, {at, e.index(1)});
    Value known =
        sources ? e.loadIndex(sources, {e.loadIndex(list, {at, e.index(3)})})
                : e.loadIndex(list, {at, e.index(2)});
    e.loop(e.index(0), count, 1,
           [&](Value j) { f.call(e, {head, e.add(first, j), known}); });
  });
  op->erase();
}

void kernels::forSequences(
    Operation *op, StringRef name, Value step, Value input, int64_t parts,
    ArrayRef<Value> buffers,
    llvm::function_ref<void(KernelFunction &, Value)> body) {
  OpBuilder b(op);
  Emitter e(b, op->getLoc());
  int64_t capacity = dimOf(input, 0);
  Value positions = positionsOf(b, e.loc, step, capacity);
  Value starts = BufferOp::create(
      b, e.loc, MemRefType::get({capacity + 1}, b.getI32Type()), Buffer::Starts,
      step, e.index(0));
  Value sequences =
      CountOp::create(b, e.loc, b.getIndexType(), Count::Sequences, step);
  SmallVector<Value> values(op->getOperands());
  values.push_back(positions);
  llvm::append_range(values, buffers);
  KernelFunction f(op, name, values, 3);
  body(f, f[positions]);
  e.parallel(e.mul(sequences, parts), [&](Value i) {
    Value sequence = e.div(i, parts);
    Value first = e.loadIndex(starts, {sequence});
    Value end = e.loadIndex(starts, {e.add(sequence, 1)});
    f.call(e, {e.rem(i, parts), first, end});
  });
  op->erase();
}

Quotient::Quotient(Emitter &e, Value number)
    : divisor(e.broadcast(number, partials)) {
  isZero = arith::CmpFOp::create(e.b, e.loc, arith::CmpFPredicate::OEQ, divisor,
                                 e.splat(0, partials));
  divisor = e.select(isZero, e.splat(1, partials), divisor);
}

Value Quotient::of(Emitter &e, Value vector) const {
  Value y = arith::DivFOp::create(e.b, e.loc, vector, divisor);
  return e.select(isZero, e.splat(0, partials), y);
}

Value kernels::asReal(Emitter &e, Value count) {
  return arith::UIToFPOp::create(
      e.b, e.loc, e.b.getF32Type(),
      arith::IndexCastOp::create(e.b, e.loc, e.b.getI32Type(), count));
}
