// kernel.matmul -> for each panel of the weight, for each tile of rows: a
// register tile over all of K, then the part's region on the accumulators.
//
// One accumulator an output element and k ascending: the order of operations
// that every tile height, thread count and vector width shares.
#include "compiler/Kernels/Multiply.h"
#include "compiler/Kernels/Tiles.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace kernel;
using namespace kernels;

namespace {

struct Matmul {
  MatmulOp op;
  Value input, positions;
  int64_t lanes, vectors, height, accumulators;
  int64_t columnsPerPanel; ///< of the result

  explicit Matmul(MatmulOp op, Value input, Value positions)
      : op(op), input(input), positions(positions) {
    lanes = op.getSchedule().getLanes();
    vectors = op.getSchedule().getVectors();
    height = op.getSchedule().getRows();
    accumulators = op.getAccumulators();
    columnsPerPanel = vectors * lanes / accumulators;
  }

  void emit();
  void emitRows(Emitter &e, Value count, Value panel, unsigned part,
                int64_t firstPanel);
  KernelFunction tile(unsigned part, int64_t rows, int64_t firstPanel);
  bool fetches(int64_t rows) const { return rows == height && height > 1; }
  void finish(Emitter &e, KernelFunction &f, unsigned part, int64_t rows,
              ArrayRef<Value> sums, Value row, Value column);
  Destination destination(KernelFunction &f, unsigned part);
  void prefetch(Emitter &e, KernelFunction &f, Region &region, int64_t rows,
                Value row, Value column);
};

Destination Matmul::destination(KernelFunction &f, unsigned part) {
  Destination d;
  d.target = cast<TargetAttr>(op.getTargets()[part]).getValue();
  d.columns = op.getColumns()[part];
  if (d.target == Target::Rows) {
    unsigned init = op.getNorm() ? 1 : 0;
    for (unsigned p = 0; p < part; ++p)
      if (cast<TargetAttr>(op.getTargets()[p]).getValue() == Target::Rows)
        ++init;
    d.rows = f[op.getInits()[init]];
    return d;
  }
  d.step = f[op.getStep()];
  d.positions = f[positions];
  d.slot = f[op.getSlot()];
  d.cache = *op.getCache();
  return d;
}

// A cold tile of the residual would stall the stores at the end.
void Matmul::prefetch(Emitter &e, KernelFunction &f, Region &region,
                      int64_t rows, Value row, Value column) {
  for (auto [i, extra] : llvm::enumerate(op.getExtras())) {
    bool used = !region.getArgument(accumulators + i).use_empty();
    if (!used ||
        cast<AccessAttr>(op.getAccesses()[i]).getValue() != Access::Elements)
      continue;
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t c = 0; c < columnsPerPanel; c += 16)
        e.prefetch(f[extra], {e.add(row, r), e.add(column, c)},
                   /*locality=*/3);
  }
}

void Matmul::finish(Emitter &e, KernelFunction &f, unsigned part, int64_t rows,
                    ArrayRef<Value> sums, Value row, Value column) {
  Region &region = op.getParts()[part];
  Extras extras;
  for (Value extra : op.getExtras())
    extras.buffers.push_back(f[extra]);
  extras.accesses = op.getAccesses();
  extras.period = op.getPeriod().value_or(0);
  extras.positions = f[positions];
  int64_t outputs = vectors / accumulators;
  SmallVector<SmallVector<Value>> results(rows);
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < outputs; ++j) {
      SmallVector<Value> arguments;
      for (int64_t a = 0; a < accumulators; ++a)
        arguments.push_back(sums[i * vectors + a * outputs + j]);
      llvm::append_range(arguments,
                         extras.load(e, region, accumulators, e.add(row, i),
                                     e.add(column, j * lanes), lanes));
      results[i].push_back(inlineRegion(e, region, arguments, lanes));
    }
  Destination to = destination(f, part);
  if (to.columns % columnsPerPanel == 0)
    return to.store(e, results, row, column, lanes, false);
  Value end = e.add(column, columnsPerPanel);
  e.ifThen(
      e.less(e.index(to.columns), end),
      [&] { to.store(e, results, row, column, lanes, true); },
      [&] { to.store(e, results, row, column, lanes, false); });
}

/// A function (first row, panel) for a tile of so many rows; where it is of the
/// full height also (what it brings of the next panel, see Ahead).
KernelFunction Matmul::tile(unsigned part, int64_t rows, int64_t firstPanel) {
  SmallVector<Value> values(op->getOperands());
  values.push_back(input);
  values.push_back(positions);
  KernelFunction f(op, "matmul" + std::to_string(rows), values,
                   fetches(rows) ? 4 : 2);
  Emitter e(f.builder(), op.getLoc());
  Value row = f.extra(0), panelIndex = f.extra(1);
  Value column = e.mul(e.sub(panelIndex, e.index(firstPanel)), columnsPerPanel);
  prefetch(e, f, op.getParts()[part], rows, row, column);
  Tile registers{f[input], f[op.getWeight()], row, panelIndex,
                 rows,     op.getSchedule()};
  if (fetches(rows))
    registers.ahead = {f.extra(2), f.extra(3),
                       Ahead::linesOf(op.getWeight(), op.getFormat())};
  SmallVector<Value> sums = multiplyOf(op.getFormat(), input)(e, registers);
  finish(e, f, part, rows, sums, row, column);
  return f;
}

void Matmul::emitRows(Emitter &e, Value count, Value panelIndex, unsigned part,
                      int64_t firstPanel) {
  Value tiles = e.div(count, height);
  forTiles(e, count, height, [&](int64_t rows, Value row) {
    SmallVector<Value> arguments{row, panelIndex};
    if (fetches(rows)) {
      Ahead ahead = Ahead::of(e, op.getWeight(), op.getFormat(),
                              e.div(row, height), tiles);
      arguments.append({ahead.first, ahead.share});
    }
    tile(part, rows, firstPanel).call(e, arguments);
  });
}

void Matmul::emit() {
  OpBuilder b(op);
  Emitter e(b, op.getLoc());
  Value count = CountOp::create(b, op.getLoc(), b.getIndexType(), op.getCount(),
                                op.getStep());
  int64_t panels = cast<MemRefType>(op.getWeight().getType()).getDimSize(0);
  Value work = e.index(panels);
  // Perhaps there are none: then no weights are read.
  if (op.getCount() == Count::Chosen ||
      op.getStep().getDefiningOp<RemainingStepOp>())
    work = e.select(e.less(e.index(0), count), work, e.index(0));
  e.parallel(work, [&](Value panelIndex) {
    int64_t first = 0;
    std::function<void(unsigned)> emitPart = [&](unsigned part) {
      int64_t begin = first;
      first += llvm::divideCeil(op.getColumns()[part], columnsPerPanel);
      if (part + 1 == op.getColumns().size())
        return emitRows(e, count, panelIndex, part, begin);
      e.ifThen(
          e.less(panelIndex, e.index(first)),
          [&] { emitRows(e, count, panelIndex, part, begin); },
          [&] { emitPart(part + 1); });
    };
    emitPart(0);
  });
}

/// The norm as a row pass of its own, just before; returns its rows.
Value emitPrologue(MatmulOp op) {
  if (!op.getNorm())
    return op.getInput();
  OpBuilder b(op);
  Value rows = op.getInits()[0];
  emitNorm(NormOp::create(b, op.getLoc(), TypeRange(), op.getCount(),
                          op.getStep(), op.getInput(), op.getNormWeights(),
                          ValueRange{rows}, *op.getNorm()));
  return rows;
}

} // namespace

void kernels::emitMatmul(MatmulOp op) {
  OpBuilder b(op);
  Value input = emitPrologue(op);
  Value positions =
      positionsOf(b, op.getLoc(), op.getStep(),
                  cast<MemRefType>(op.getInput().getType()).getDimSize(0));
  Matmul(op, input, positions).emit();
  op.erase();
}
