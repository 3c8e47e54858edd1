// transformer.linear -> kernel.matmul; the bias is its first epilogue.
#include "compiler/Lowering/Lowering.h"

using namespace mlir;
using namespace lowering;

LogicalResult lowering::lowerLinear(Lowering &l, transformer::LinearOp op) {
  Location loc = op.getLoc();
  auto type = cast<RankedTensorType>(op.getWeight().getType());
  int64_t outputs = type.getDimSize(0);
  ArrayRef<int64_t> tile = l.machine.getMatmul();
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
      l.rows(op.getX()), ValueRange(), weight, extras, Value(), to,
      kernel::NormAttr(), l.b.getDenseI64ArrayAttr({outputs}),
      l.b.getArrayAttr({rows}), l.b.getArrayAttr(accesses), 1,
      kernel::ScheduleAttr::get(l.b.getContext(), tile[0], tile[1],
                                l.machine.getLanes()),
      kernel::CacheAttr(), IntegerAttr(), /*partsCount=*/1);
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
