// What makes rows, and what chooses among them.
#include "compiler/Lowering/Lowering.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <cmath>

using namespace mlir;
using namespace lowering;

/// Whether a linear layer has the same weight, as tied logits do: then its
/// panels are the table too, and memory holds the weight once.
static bool isTied(transformer::EmbedOp op) {
  return llvm::any_of(op.getTable().getUses(), [](OpOperand &use) {
    auto linear = dyn_cast<transformer::LinearOp>(use.getOwner());
    return linear && linear.getWeight() == use.get();
  });
}

LogicalResult lowering::lowerEmbed(Lowering &l, transformer::EmbedOp op) {
  Value to = l.destination(op.getLoc(), width(op.getResult()));
  kernel::Format format = Lowering::formatOf(op.getTable());
  Value table = isTied(op) || format != kernel::Format::F32
                    ? l.panelWeight(op.getTable())
                    : l.tableWeight(op.getTable());
  auto embed =
      kernel::EmbedOp::create(l.b, op.getLoc(), to.getType(), l.step, table, to,
                              op.getScaleAttr().getValue(), format);
  l.replace(op, embed.getResult(0), kernel::Count::Rows);
  return success();
}

static kernel::PartAttr sinusoids(Lowering &l, transformer::PositionOp op) {
  int64_t columns = width(op.getX()), pairs = columns / 2;
  DenseF64ArrayAttr frequencies;
  if (op.getInclusive()) {
    SmallVector<double> values;
    for (int64_t i = 0; i < pairs; ++i)
      values.push_back(std::pow(10000.0, -double(i) / double(pairs - 1)));
    frequencies = l.b.getDenseF64ArrayAttr(values);
  }
  return kernel::PartAttr::get(
      l.b.getContext(),
      op.getHalves() ? kernel::Origin::SinusoidHalves
                     : kernel::Origin::Sinusoid,
      "", l.context, columns, 0, 0,
      op.getFirst() ? l.b.getF64FloatAttr(double(op.getFirst())) : FloatAttr(),
      FloatAttr(), frequencies, {}, 0);
}

LogicalResult lowering::lowerPosition(Lowering &l, transformer::PositionOp op) {
  Value table = op.getTable() ? l.tableWeight(op.getTable())
                              : l.generatedTable(op.getLoc(), sinusoids(l, op));
  auto sum = l.mapRows(
      op.getLoc(), l.rows(op.getX()), table, kernel::Access::Positions,
      l.countOf(op.getX()), 0, [&](OpBuilder &b, ValueRange v) -> Value {
        return arith::AddFOp::create(b, op.getLoc(), v[0], v[1]);
      });
  if (int64_t rows = transformer::prependedTo(op.getRows(), op))
    sum.setShift(rows);
  l.replace(op, sum.getResult(0), l.countOf(op.getX()));
  return success();
}

LogicalResult lowering::lowerPatches(Lowering &l, transformer::PatchesOp op) {
  auto images = cast<RankedTensorType>(op.getImages().getType());
  Value to = l.destination(op.getLoc(), width(op.getResult()));
  auto skip = transformer::prependedTo(l.model.getArgument(0), op);
  auto patches =
      kernel::PatchesOp::create(l.b, op.getLoc(), to.getType(), l.step, to,
                                images.getShape().drop_front(), op.getSize(),
                                skip, op.getStrideAttr(), op.getPad());
  l.replace(op, patches.getResult(0), kernel::Count::Rows);
  return success();
}

// Kernels may work in place, but not on what is the caller's.
LogicalResult lowering::lowerInput(Lowering &l, transformer::InputOp op) {
  Location loc = op.getLoc();
  Value to = l.destination(loc, width(op.getResult()));
  Value zero = arith::ConstantIndexOp::create(l.b, loc, 0);
  Value input = kernel::BufferOp::create(
      l.b, loc,
      MemRefType::get(cast<RankedTensorType>(to.getType()).getShape(),
                      l.b.getF32Type()),
      kernel::Buffer::Input, l.step, zero);
  auto copy = kernel::MapOp::create(l.b, loc, kernel::Count::Rows, l.step,
                                    input, kernel::Target::Rows, to);
  l.replace(op, copy.getResult(0), kernel::Count::Rows);
  return success();
}

// Rows of the table overwrite all rows of each sequence.
LogicalResult lowering::lowerQueries(Lowering &l, transformer::QueriesOp op) {
  int64_t rows = cast<RankedTensorType>(op.getTable().getType()).getDimSize(0);
  if (rows != l.context)
    return op.emitError("has ")
           << rows << " rows, but sequences of the model " << l.context;
  Value to = l.destination(op.getLoc(), width(op.getResult()));
  auto queries =
      kernel::PrependOp::create(l.b, op.getLoc(), to.getType(), l.step,
                                l.tableWeight(op.getTable()), to, /*first=*/0);
  l.replace(op, queries.getResult(0), kernel::Count::Rows);
  return success();
}

LogicalResult lowering::lowerTypes(Lowering &l, transformer::TypesOp op) {
  if (failed(l.needAllRows(op, op.getX())))
    return failure();
  if (op.getRows() != l.model.getArgument(0))
    return op.emitError("tells apart rows that are not those of the input");
  Value x = l.rows(op.getX());
  auto types =
      kernel::TypesOp::create(l.b, op.getLoc(), x.getType(), l.step,
                              l.tableWeight(op.getTable()), x, op.getReplace());
  l.replace(op, types.getResult(0), kernel::Count::Rows);
  return success();
}

// The rows are there already: patches left them free.
LogicalResult lowering::lowerPrepend(Lowering &l, transformer::PrependOp op) {
  if (op->getBlock()->getOps<transformer::PatchesOp>().empty())
    return op.emitError("puts rows before tokens, which is not supported yet: "
                        "only rows of image patches leave room");
  Value x = l.rows(op.getX());
  auto prepend = kernel::PrependOp::create(
      l.b, op.getLoc(), x.getType(), l.step, l.tableWeight(op.getTable()), x,
      transformer::prependedTo(op.getRows(), op));
  l.replace(op, prepend.getResult(0), kernel::Count::Rows);
  return success();
}

LogicalResult lowering::lowerOutputs(Lowering &l, transformer::OutputsOp op) {
  Value to = l.destination(op.getLoc(), width(op.getX()));
  auto gather = kernel::GatherOp::create(l.b, op.getLoc(), to.getType(), l.step,
                                         l.rows(op.getX()), to);
  l.replace(op, gather.getResult(0), kernel::Count::Outputs);
  return success();
}

LogicalResult lowering::lowerPool(Lowering &l, transformer::PoolOp op) {
  Value to = l.destination(op.getLoc(), width(op.getX()));
  kernel::Pool kind =
      op.getKind() == transformer::PoolKind::First  ? kernel::Pool::First
      : op.getKind() == transformer::PoolKind::Mean ? kernel::Pool::Mean
                                                    : kernel::Pool::Last;
  auto pool = kernel::PoolOp::create(l.b, op.getLoc(), to.getType(), kind,
                                     l.step, l.rows(op.getX()), to);
  l.replace(op, pool.getResult(0), kernel::Count::Sequences);
  return success();
}
