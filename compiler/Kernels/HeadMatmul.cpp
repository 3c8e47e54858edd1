// kernel.head_matmul -> for each panel, which belongs to one head, for each
// tile of rows: a register tile over the columns of that head.
#include "compiler/Kernels/Multiply.h"
#include "compiler/Kernels/Tiles.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace kernel;
using namespace kernels;

/// A function (first row, panel) for a tile of so many rows.
static KernelFunction tileOf(HeadMatmulOp op, int64_t rows) {
  KernelFunction f(op, "head_matmul" + std::to_string(rows),
                   SmallVector<Value>(op->getOperands()), 2);
  Emitter e(f.builder(), op.getLoc());
  ScheduleAttr schedule = op.getSchedule();
  int64_t lanes = schedule.getLanes(), vectors = schedule.getVectors();
  int64_t panelsOfHead = dimOf(op.getWeight(), 0) / op.getHeads();
  Value row = f.extra(0), panel = f.extra(1);
  Value head = e.div(panel, panelsOfHead);
  Tile registers{f[op.getInput()], f[op.getWeight()], row, panel, rows,
                 schedule};
  registers.depth = op.getDepth();
  registers.first = e.mul(head, op.stride());
  SmallVector<Value> sums =
      multiplyOf(op.getFormat(), op.getInput())(e, registers);
  SmallVector<SmallVector<Value>> results;
  for (int64_t i = 0; i < rows; ++i)
    results.emplace_back(ArrayRef(sums).slice(i * vectors, vectors));
  Value start = e.mul(head, op.outputs());
  Value column =
      e.add(start, e.mul(e.rem(panel, panelsOfHead), registers.width()));
  Value to = f[op.getInits()[0]];
  if (op.outputs() % registers.width() == 0) {
    storeTile(e, results, to, row, column, lanes);
    return f;
  }
  Value end = e.add(start, op.outputs());
  e.ifThen(
      e.less(end, e.add(column, registers.width())),
      [&] { storeTile(e, results, to, row, column, lanes, end); },
      [&] { storeTile(e, results, to, row, column, lanes); });
  return f;
}

void kernels::emitHeadMatmul(HeadMatmulOp op) {
  OpBuilder b(op);
  Emitter e(b, op.getLoc());
  Value count = CountOp::create(b, op.getLoc(), b.getIndexType(), op.getCount(),
                                op.getStep());
  e.parallel(e.index(dimOf(op.getWeight(), 0)), [&](Value panel) {
    forTiles(e, count, op.getSchedule().getRows(),
             [&](int64_t rows, Value row) {
               tileOf(op, rows).call(e, {row, panel});
             });
  });
  op.erase();
}
