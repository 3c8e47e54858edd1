// transformer.depthwise -> kernel.depthwise, on the rows that the windows see.
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

LogicalResult lowering::lowerDepthwise(Lowering &l,
                                       transformer::DepthwiseOp op) {
  Location loc = op.getLoc();
  if (kernel::Format format = Lowering::formatOf(op.getWeight());
      format != kernel::Format::F32)
    return op.emitError() << "is stored as " << kernel::stringifyFormat(format)
                          << " but weighs vectors of f32";
  auto shape = op.getWeight().getType().getShape();
  kernel::ScheduleAttr schedule = scheduleFor(l.machine);
  int64_t panel = schedule.getVectors() * schedule.getLanes();
  Value weight =
      l.packed(op.getWeight(),
               l.part(op.getWeight().getDefiningOp<transformer::WeightOp>(),
                      shape[0], shape[1]),
               kernel::panelType(l.b.getContext(), kernel::Format::F32,
                                 llvm::divideCeilSigned(shape[0], panel),
                                 shape[1], panel),
               panel);
  Value bias = op.getBias() ? l.vectorWeight(op.getBias()) : Value();
  Lowering::Windows windows = l.windowsOf.lookup(op.windows());
  Value to = l.destination(loc, shape[0]);
  auto depthwise = kernel::DepthwiseOp::create(
      l.b, loc, TypeRange{to.getType()}, windows.from, windows.made,
      l.rows(op.windows().getX()), weight, bias, windows.firsts, to,
      windows.windows, schedule);
  l.replace(op, depthwise.getResult(0), kernel::Count::Rows);
  return success();
}
