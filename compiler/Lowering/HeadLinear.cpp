// transformer.head_linear -> kernel.head_matmul, whose weight has whole panels
// for each head.
#include "compiler/Lowering/Lowering.h"

using namespace mlir;
using namespace lowering;

/// The wider panels of two accumulators where these alone have no columns to
/// spare.
static kernel::ScheduleAttr scheduleFor(kernel::MachineAttr machine,
                                        kernel::Format format,
                                        int64_t outputs) {
  kernel::ScheduleAttr plain = machine.scheduleOf(format, 1);
  kernel::ScheduleAttr wide = machine.scheduleOf(format, 2);
  auto fills = [&](kernel::ScheduleAttr schedule) {
    return outputs % (schedule.getVectors() * schedule.getLanes()) == 0;
  };
  return !fills(plain) && fills(wide) ? wide : plain;
}

/// Rows as the format takes them; words of pairs have no heads of odd width.
static Value factorsOf(Lowering &l, transformer::HeadLinearOp op,
                       kernel::Format format, int64_t stride) {
  bool odd = format == kernel::Format::Bf16 && stride % 2 != 0;
  return l.factorRows(op.getLoc(), op.getX(),
                      odd ? kernel::Format::F32 : format);
}

LogicalResult lowering::lowerHeadLinear(Lowering &l,
                                        transformer::HeadLinearOp op) {
  Location loc = op.getLoc();
  int64_t heads = op.getHeads(), outputs = op.outputs(), depth = op.depth();
  int64_t stride = width(op.getX()) / heads;
  kernel::Format format = Lowering::formatOf(op.getWeight());
  bool integers =
      format == kernel::Format::Int8 || format == kernel::Format::Int4;
  if (integers && stride % kernel::groupColumns != 0)
    return op.emitError() << "is stored as " << kernel::stringifyFormat(format)
                          << " but heads of " << stride
                          << " columns are no whole groups of "
                          << kernel::groupColumns;
  kernel::ScheduleAttr schedule = scheduleFor(l.machine, format, outputs);
  int64_t panel = schedule.getVectors() * schedule.getLanes();
  int64_t padded = llvm::alignTo(outputs, panel);
  auto part = kernel::PartAttr::get(
      l.b.getContext(),
      op.getTransposed() ? kernel::Origin::HeadsTransposed
                         : kernel::Origin::Heads,
      Lowering::nameOf(op.getWeight().getDefiningOp<transformer::WeightOp>()),
      heads * padded, depth, padded, 0, FloatAttr(), FloatAttr(),
      DenseF64ArrayAttr(), {}, outputs);
  Value weight =
      l.packed(op.getWeight(), part,
               kernel::panelType(l.b.getContext(), format,
                                 heads * padded / panel, depth, panel),
               panel, format);
  Value to = l.destination(loc, heads * outputs);
  auto matmul = kernel::HeadMatmulOp::create(
      l.b, loc, TypeRange{to.getType()}, l.countOf(op.getX()), l.step,
      factorsOf(l, op, format, stride), weight, to, heads, depth, schedule,
      format);
  Value result = matmul.getResult(0);
  if (op.getBias())
    result = l.mapRows(loc, result, l.vectorWeight(op.getBias()),
                       kernel::Access::Columns, l.countOf(op.getX()), 0,
                       [&](OpBuilder &b, ValueRange v) -> Value {
                         return arith::AddFOp::create(b, loc, v[0], v[1]);
                       })
                 .getResult(0);
  l.replace(op, result, l.countOf(op.getX()));
  return success();
}
