// transformer.linear -> kernel.matmul, on rows in the form that the weight's
// format takes; the bias is its first epilogue.
#include "compiler/Lowering/Lowering.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace lowering;

Value Lowering::factorRows(Location loc, Value value, kernel::Format format) {
  using kernel::Format;
  Value x = rows(value);
  auto compute =
      model->getParentOfType<ModuleOp>()->getAttrOfType<kernel::FormatAttr>(
          kernel::computeAttrName);
  bool pairs = compute && compute.getValue() == Format::Bf16;
  if (format == Format::F32 || (format == Format::Bf16 && !pairs))
    return x;
  // Linear layers of the same rows share them.
  for (Operation *user : x.getUsers())
    if (auto known = dyn_cast<kernel::QuantiseOp>(user);
        known && known->getBlock() == b.getInsertionBlock() &&
        known.getFormat() == format)
      return known.getResult(0);
  int64_t columns = cast<RankedTensorType>(x.getType()).getDimSize(1);
  Value to = tensor::EmptyOp::create(
      b, loc, {capacity, kernel::wordsOf(format, columns)}, b.getI32Type());
  return kernel::QuantiseOp::create(b, loc, to.getType(), countOf(value), step,
                                    x, to, format)
      .getResult(0);
}

LogicalResult lowering::lowerLinear(Lowering &l, transformer::LinearOp op) {
  Location loc = op.getLoc();
  auto type = cast<RankedTensorType>(op.getWeight().getType());
  int64_t outputs = type.getDimSize(0);
  kernel::Format format = Lowering::formatOf(op.getWeight());
  Value weight = l.panelWeight(op.getWeight());
  SmallVector<Value> extras;
  SmallVector<Attribute> accesses;
  if (op.getBias()) {
    extras.push_back(l.vectorWeight(op.getBias()));
    accesses.push_back(
        kernel::AccessAttr::get(l.b.getContext(), kernel::Access::Columns));
  }
  Value to = l.destination(loc, outputs);
  auto rows = kernel::TargetAttr::get(l.b.getContext(), kernel::Target::Rows);
  auto matmul = kernel::MatmulOp::create(
      l.b, loc, TypeRange{to.getType()}, l.countOf(op.getX()), l.step,
      l.factorRows(loc, op.getX(), format), ValueRange(), weight, extras,
      Value(), to, kernel::NormAttr(), l.b.getDenseI64ArrayAttr({outputs}),
      l.b.getArrayAttr({rows}), l.b.getArrayAttr(accesses), 1,
      l.machine.scheduleOf(format, 1), kernel::CacheAttr(), IntegerAttr(),
      format, /*partsCount=*/1);
  OpBuilder::InsertionGuard guard(l.b);
  Block &body = matmul.getParts()[0].emplaceBlock();
  Value sum = body.addArgument(l.b.getF32Type(), loc);
  l.b.setInsertionPointToEnd(&body);
  if (op.getBias())
    sum = arith::AddFOp::create(l.b, loc, sum,
                                body.addArgument(l.b.getF32Type(), loc));
  kernel::YieldOp::create(l.b, loc, sum);
  l.replace(op, matmul.getResult(0), l.countOf(op.getX()));
  return success();
}
