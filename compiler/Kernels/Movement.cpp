// Kernels that move rows: types, prepend, gather, pool, join_heads.
#include "compiler/Kernels/Tiles.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace kernel;
using namespace kernels;

namespace {

Value intBuffer(OpBuilder &b, Location loc, Buffer which, Value step,
                ArrayRef<int64_t> shape) {
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  return BufferOp::create(b, loc, MemRefType::get(shape, b.getI32Type()), which,
                          step, zero);
}

} // namespace

void kernels::emitTypes(TypesOp op) {
  OpBuilder b(op);
  Value to = op.getInits()[0];
  Value types =
      intBuffer(b, op.getLoc(), Buffer::Types, op.getStep(), {dimOf(to, 0)});
  forRows(op, "types", Count::Rows, op.getStep(), {types},
          [&](Emitter &e, KernelFunction &f, Value row) {
            Value type = e.loadIndex(f[types], {row});
            auto entry = [&](Value at, Value c, Value mask) {
              return e.loadColumns(f[op.getTable()], {at, c}, mask);
            };
            if (!op.getReplace())
              return e.columns(dimOf(to, 1), [&](Value c, Value mask) {
                Value x = e.loadColumns(f[to], {row, c}, mask);
                e.storeColumns(
                    arith::AddFOp::create(e.b, e.loc, x, entry(type, c, mask)),
                    f[to], {row, c}, mask);
              });
            e.ifThen(e.less(e.index(0), type), [&] {
              Value at = e.sub(type, e.index(1));
              e.columns(dimOf(to, 1), [&](Value c, Value mask) {
                e.storeColumns(entry(at, c, mask), f[to], {row, c}, mask);
              });
            });
          });
}

void kernels::emitPrepend(PrependOp op) {
  OpBuilder b(op);
  Value to = op.getInits()[0];
  Value positions = positionsOf(b, op.getLoc(), op.getStep(), dimOf(to, 0));
  forRows(op, "prepend", Count::Rows, op.getStep(), {positions},
          [&](Emitter &e, KernelFunction &f, Value row) {
            Value position = e.loadIndex(f[positions], {row});
            if (op.getFirst())
              position = e.sub(position, e.index(op.getFirst()));
            Value mine = e.less(position, e.index(dimOf(op.getTable(), 0)));
            if (op.getFirst())
              mine = e.both(mine, arith::CmpIOp::create(
                                      e.b, e.loc, arith::CmpIPredicate::sge,
                                      position, e.index(0)));
            e.ifThen(mine, [&] {
              e.columns(dimOf(to, 1), [&](Value c, Value mask) {
                Value x = e.loadColumns(f[op.getTable()], {position, c}, mask);
                e.storeColumns(x, f[to], {row, c}, mask);
              });
            });
          });
}

void kernels::emitGather(GatherOp op) {
  OpBuilder b(op);
  Value to = op.getInits()[0];
  Value outputs =
      intBuffer(b, op.getLoc(), Buffer::Outputs, op.getStep(), {dimOf(to, 0)});
  forRows(op, "gather", Count::Outputs, op.getStep(), {outputs},
          [&](Emitter &e, KernelFunction &f, Value row) {
            Value from = e.loadIndex(f[outputs], {row});
            e.copyRow(f[op.getInput()], from, f[to], row);
          });
}

// The mean adds the rows in order, then divides once.
void kernels::emitPool(PoolOp op) {
  OpBuilder b(op);
  Value to = op.getInits()[0], from = op.getInput();
  Value starts = intBuffer(b, op.getLoc(), Buffer::Starts, op.getStep(),
                           {dimOf(from, 0) + 1});
  forRows(op, "pool", Count::Sequences, op.getStep(), {starts},
          [&](Emitter &e, KernelFunction &f, Value sequence) {
            Value first = e.loadIndex(f[starts], {sequence});
            Value end = e.loadIndex(f[starts], {e.add(sequence, 1)});
            Value last = e.sub(end, e.index(1));
            e.columns(dimOf(to, 1), [&](Value c, Value mask) {
              auto row = [&](Value r) {
                return e.loadColumns(f[from], {r, c}, mask);
              };
              if (op.getKind() != Pool::Mean) {
                Value r = op.getKind() == Pool::First ? first : last;
                return e.storeColumns(row(r), f[to], {sequence, c}, mask);
              }
              Value sum = e.loop(
                  first, end, 1, {e.splat(0, partials)},
                  [&](Value r, ValueRange s) -> SmallVector<Value> {
                    return {arith::AddFOp::create(e.b, e.loc, s[0], row(r))};
                  })[0];
              Value n = arith::IndexCastOp::create(e.b, e.loc, e.b.getI32Type(),
                                                   e.sub(end, first));
              Value count =
                  arith::SIToFPOp::create(e.b, e.loc, e.b.getF32Type(), n);
              Value mean = arith::DivFOp::create(e.b, e.loc, sum,
                                                 e.broadcast(count, partials));
              e.storeColumns(mean, f[to], {sequence, c}, mask);
            });
          });
}

void kernels::emitJoinHeads(JoinHeadsOp op) {
  int64_t own = dimOf(op.getOwn(), 1) / op.getHeads();
  int64_t rest = op.restOfHead(), from = op.getFrom();
  forRows(op, "join_heads", op.getCount(), op.getStep(), {},
          [&](Emitter &e, KernelFunction &f, Value row) {
            auto copy = [&](Value source, Value first, int64_t width,
                            Value to) {
              e.columns(width, [&](Value c, Value mask) {
                e.storeColumns(
                    e.loadColumns(f[source], {row, e.add(first, c)}, mask),
                    f[op.getInits()[0]], {row, e.add(to, c)}, mask);
              });
            };
            e.loop(e.index(0), e.index(op.getHeads()), 1, [&](Value head) {
              Value to = e.mul(head, own + rest);
              copy(op.getOwn(), e.mul(head, own), own, to);
              Value first =
                  from ? e.add(e.mul(head, from + rest), from) : e.index(0);
              copy(op.getRest(), first, rest, e.add(to, own));
            });
          });
}
