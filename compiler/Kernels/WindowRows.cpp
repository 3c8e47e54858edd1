// Where the windows of rows lie among the rows that they see.
#include "compiler/Kernels/WindowRows.h"

#include "compiler/Kernels/Tiles.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace kernel;
using namespace kernels;

Value kernels::inside(Emitter &e, Value i, Value n) {
  return arith::CmpIOp::create(e.b, e.loc, arith::CmpIPredicate::ult, i, n);
}

WindowRows::WindowRows(OpBuilder &b, Location loc, Value step, Value madeStep,
                       int64_t capacity, int64_t madeCapacity, Value firsts,
                       WindowsAttr windows)
    : windows(windows), firsts(firsts),
      made(positionsOf(b, loc, madeStep, madeCapacity)),
      positions(positionsOf(b, loc, step, capacity)),
      rows(CountOp::create(b, loc, b.getIndexType(), Count::Rows, step)) {}

Value WindowRows::positionOf(Emitter &e, KernelFunction &f, Value row) const {
  return e.loadIndex(f[made], {row});
}

WindowRows::Window WindowRows::at(Emitter &e, KernelFunction &f, Value row,
                                  Value position) const {
  int64_t skip = windows.getSkip(), stride = windows.getStride();
  Value pad = e.index(windows.getPad());
  Value first = firsts ? e.loadIndex(f[firsts], {row})
                       : e.add(e.sub(row, position), skip);
  Value number = skip ? e.sub(position, e.index(skip)) : position;
  if (!windows.hasGrid()) {
    Value left = e.sub(e.mul(number, stride), pad);
    return {first, Value(), left, e.add(first, left)};
  }
  int64_t across = windows.on(windows.getColumns());
  Value left = e.sub(e.mul(e.rem(number, across), stride), pad);
  Value top = e.sub(e.mul(e.div(number, across), stride), pad);
  Value line = e.add(first, e.mul(top, windows.getColumns()));
  return {first, top, left, e.add(line, left)};
}

Value WindowRows::sees(Emitter &e, KernelFunction &f, Value row,
                       Value column) const {
  Value last = e.sub(f[rows], e.index(1));
  Value any = arith::MinUIOp::create(e.b, e.loc, row, last);
  Value same = arith::CmpIOp::create(e.b, e.loc, arith::CmpIPredicate::eq,
                                     e.loadIndex(f[positions], {any}), column);
  return e.both(inside(e, row, f[rows]), same);
}
