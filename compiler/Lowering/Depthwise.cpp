// transformer.depthwise -> kernel.depthwise, on the rows that the windows see;
// transformer.short_conv -> kernel.short_conv, on those that a cache keeps.
#include "compiler/Lowering/Lowering.h"

using namespace mlir;
using namespace lowering;

/// Panels of 32 columns, or of as many as the registers take of more lanes, and
/// so many rows that their sums fit the registers beside.
static kernel::ScheduleAttr scheduleFor(kernel::MachineAttr machine) {
  constexpr int64_t columns = 32, mostRows = 4;
  int64_t lanes = machine.getLanes();
  int64_t vectors = std::max<int64_t>(1, columns / lanes);
  int64_t sums = machine.getMatmul()[0] * machine.getMatmul()[1];
  int64_t rows = std::clamp<int64_t>(sums / vectors, 1, mostRows);
  return kernel::ScheduleAttr::get(machine.getContext(),
                                   int64_t(llvm::bit_floor(uint64_t(rows))),
                                   vectors, lanes, kernel::DotAttr());
}

/// The type of weights [C, P] of P places.
static MemRefType panelsFor(kernel::MachineAttr machine, Value weight) {
  auto shape = cast<RankedTensorType>(weight.getType()).getShape();
  kernel::ScheduleAttr schedule = scheduleFor(machine);
  int64_t panel = schedule.getVectors() * schedule.getLanes();
  return kernel::panelType(machine.getContext(), kernel::Format::F32,
                           llvm::divideCeilSigned(shape[0], panel), shape[1],
                           panel);
}

/// Weights [C, P] in those panels; null after an error.
static Value packedColumns(Lowering &l, Operation *op,
                           TypedValue<RankedTensorType> weight) {
  if (kernel::Format format = Lowering::formatOf(weight);
      format != kernel::Format::F32) {
    op->emitError() << "is stored as " << kernel::stringifyFormat(format)
                    << " but weighs vectors of f32";
    return {};
  }
  auto shape = weight.getType().getShape();
  MemRefType type = panelsFor(l.machine, weight);
  return l.packed(
      weight,
      l.part(weight.getDefiningOp<transformer::WeightOp>(), shape[0], shape[1]),
      type, type.getDimSize(2));
}

int64_t Lowering::slotBytes(transformer::ShortConvOp op) {
  return kernel::ShortConvOp::slotBytes(panelsFor(machine, op.getWeight()));
}

LogicalResult lowering::lowerDepthwise(Lowering &l,
                                       transformer::DepthwiseOp op) {
  Value weight = packedColumns(l, op, op.getWeight());
  if (!weight)
    return failure();
  Value bias = op.getBias() ? l.vectorWeight(op.getBias()) : Value();
  Lowering::Windows windows = l.windowsOf.lookup(op.windows());
  Value to = l.destination(op.getLoc(), width(op.getResult()));
  auto depthwise = kernel::DepthwiseOp::create(
      l.b, op.getLoc(), TypeRange{to.getType()}, windows.from, windows.made,
      l.rows(op.windows().getX()), weight, bias, windows.firsts, to,
      windows.windows, scheduleFor(l.machine));
  l.replace(op, depthwise.getResult(0), kernel::Count::Rows);
  return success();
}

LogicalResult lowering::lowerShortConv(Lowering &l,
                                       transformer::ShortConvOp op) {
  Value weight = packedColumns(l, op, op.getWeight());
  if (!weight)
    return failure();
  Value bias = op.getBias() ? l.vectorWeight(op.getBias()) : Value();
  Value slot = l.takeSlot(op.getLoc(), l.slotBytes(op));
  Value to = l.destination(op.getLoc(), width(op.getResult()));
  auto conv = kernel::ShortConvOp::create(
      l.b, op.getLoc(), TypeRange{to.getType()}, l.step, l.rows(op.getX()),
      weight, bias, slot, to, scheduleFor(l.machine));
  l.recurrent = true;
  l.replace(op, conv.getResult(0), kernel::Count::Rows);
  return success();
}
