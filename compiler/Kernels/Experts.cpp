// Rows of experts: lists of them, their way to an expert and back.
#include "compiler/Kernels/Emitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace kernel;
using namespace kernels;

// Each expert's list by itself, so that threads share them; rows ascending.
void kernels::emitListRows(ListRowsOp op) {
  OpBuilder b(op);
  Location loc = op.getLoc();
  Value count =
      CountOp::create(b, loc, b.getIndexType(), op.getCount(), op.getStep());
  SmallVector<Value> values(op->getOperands());
  values.push_back(count);
  KernelFunction f(op, "list_rows", values, 1);
  {
    Emitter e(f.builder(), loc);
    Value expert = f.extra(0), lists = f[op.getInits()[0]];
    Value length =
        e.loop(e.index(0), f[count], 1, {e.index(0)},
               [&](Value row, ValueRange length) -> SmallVector<Value> {
                 Value gate = e.loadScalar(f[op.getGates()], {row, expert});
                 // Not a number is not 0, so that it shows.
                 Value chosen = arith::CmpFOp::create(
                     e.b, loc, arith::CmpFPredicate::UNE, gate, e.f32(0));
                 e.ifThen(chosen, [&] {
                   e.store(e.asWord(row), lists, {expert, e.add(length[0], 1)});
                 });
                 Value more = e.select(chosen, e.index(1), e.index(0));
                 return {e.add(length[0], more)};
               })[0];
    e.store(e.asWord(length), lists, {expert, e.index(0)});
  }
  Emitter e(b, loc);
  e.parallel(e.index(dimOf(op.getGates(), 1)),
             [&](Value expert) { f.call(e, {expert}); });
  op.erase();
}

void kernels::emitTakeRows(TakeRowsOp op) {
  forRows(op, "take_rows", Count::Chosen, op.getStep(), {},
          [&](Emitter &e, KernelFunction &f, Value i) {
            Value row =
                e.loadIndex(f[op.getList()], {f[op.getExpert()], e.add(i, 1)});
            e.copyRow(f[op.getInput()], row, f[op.getInits()[0]], i);
          });
}

void kernels::emitAddRows(AddRowsOp op) {
  forRows(op, "add_rows", Count::Chosen, op.getStep(), {},
          [&](Emitter &e, KernelFunction &f, Value i) {
            Value expert = f[op.getExpert()], to = f[op.getInits()[0]];
            Value row = e.loadIndex(f[op.getList()], {expert, e.add(i, 1)});
            Value gate = e.broadcast(
                e.loadScalar(f[op.getGates()], {row, expert}), partials);
            e.columns(dimOf(op.getInput(), 1), [&](Value c, Value mask) {
              Value made = e.loadColumns(f[op.getInput()], {i, c}, mask);
              Value sum = e.loadColumns(to, {row, c}, mask);
              e.storeColumns(e.fma(gate, made, sum), to, {row, c}, mask);
            });
          });
}
