// transformer.unfold -> kernel.unfold, and the step whose rows it makes: later
// kernels work on that one.
#include "compiler/Lowering/Lowering.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace lowering;

/// The most rows that windows make of a step's, whatever its sequences are;
/// those of images are all as long. Of other sequences that become so many rows
/// each, however short they are, a step has fewer.
static int64_t capacityOf(kernel::WindowsAttr windows, int64_t capacity,
                          int64_t context, int64_t made, bool images) {
  if (windows.hasGrid())
    return images ? capacity / context * made : std::max(capacity, made);
  // None grows more, as a part of its rows, than one of a single row.
  bool fits = 1 + 2 * windows.getPad() >= windows.getSize();
  return capacity * std::max<int64_t>(1, fits ? windows.on(1) : 0);
}

bool Lowering::readsImages() const {
  func::FuncOp function = model;
  Value input = transformer::inputOf(function);
  return input && cast<ShapedType>(input.getType()).getRank() == 4;
}

unsigned Lowering::makeStage(unsigned from, kernel::WindowsAttr windows,
                             int64_t context) {
  auto [known, isNew] =
      unfolded.try_emplace({from, windows}, unsigned(stages.size()));
  if (!isNew)
    return known->second;
  Stage old = stages[from];
  bool images = readsImages();
  int64_t rows =
      capacityOf(windows, old.capacity, old.context, context, images);
  if (windows.hasGrid() && !images)
    mostSequences = std::min(mostSequences, rows / context);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointAfterValue(old.step); // in no loop
  Location loc = model.getLoc();
  auto words = [&](ArrayRef<int64_t> shape) -> Value {
    return memref::AllocOp::create(b, loc,
                                   MemRefType::get(shape, b.getI32Type()));
  };
  Value firsts = words({rows});
  int64_t sequences = stages.front().capacity;
  Value made = kernel::UnfoldedStepOp::create(
      b, loc, old.step.getType(), old.step, windows, machine.getAttention()[0],
      firsts, words({rows}), words({sequences + 1}), words({rows, 4}),
      words({rows, 2}), words({sequences}));
  stages.push_back({made, rows, context, firsts, from});
  return known->second;
}

Lowering::Windows Lowering::enterWindows(transformer::UnfoldOp op) {
  bool keeps = op.windows().keeps();
  Value from = step;
  int64_t lines = 0, columns = 0;
  if (op.getGrid()) {
    lines = (*op.getGrid())[0];
    columns = (*op.getGrid())[1];
  }
  // As many rows keep what is left free before them.
  int64_t skip = keeps ? transformer::prependedTo(op.getRows(), op)
                       : transformer::prependedTo(op.getMade());
  auto windows =
      kernel::WindowsAttr::get(b.getContext(), op.getSize(), op.getStride(),
                               op.getPad(), lines, columns, skip);
  if (!keeps)
    enter(makeStage(stage, windows, transformer::contextOf(op.getMade())));
  Windows entered{from, step, keeps ? Value() : stages[stage].firsts, windows};
  windowsOf[op] = entered;
  return entered;
}

Value Lowering::enterMixtures(transformer::MixOp op) {
  // As many windows of one place as there are mixtures.
  int64_t count = transformer::contextOf(op.getMade());
  auto windows = kernel::WindowsAttr::get(b.getContext(), 1, 1, 0, count, 1, 0);
  enter(makeStage(stage, windows, count));
  return step;
}

/// What makes rows of others needs all of a sequence.
template <class Op> static LogicalResult needSequences(Lowering &l, Op op) {
  if (failed(l.needAllRows(op, op.getX())))
    return failure();
  if (l.model->hasAttr("transformer.causal"))
    return op.emitError("is in a causal model, whose sequences may come in "
                        "pieces");
  return success();
}

LogicalResult lowering::lowerMix(Lowering &l, transformer::MixOp op) {
  if (failed(needSequences(l, op)))
    return failure();
  int64_t columns = op.getTable().getType().getDimSize(1);
  if (columns < l.context)
    return op.emitError("mixes ")
           << columns << " rows of sequences of " << l.context;
  Value from = l.step, table = l.tableWeight(op.getTable());
  Value made = l.enterMixtures(op);
  Value to = l.destination(op.getLoc(), width(op.getResult()));
  auto mix = kernel::MixOp::create(l.b, op.getLoc(), TypeRange{to.getType()},
                                   from, made, l.rows(op.getX()), table, to);
  l.replace(op, mix.getResult(0), kernel::Count::Rows);
  return success();
}

Value Lowering::intoCacheOfMade(transformer::CrossAttentionOp op, Value slot,
                                kernel::CacheAttr cache) {
  unsigned own = stage, made = stageOf.lookup(op.getK());
  enter(made);
  intoCache(op.getLoc(), op.getK(), op.getV(), slot, cache);
  enter(own);
  Value &known = seeing[{own, made}];
  if (!known) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointAfterValue(stages[made].step); // in no loop
    known = kernel::SourceStepOp::create(b, model.getLoc(), step.getType(),
                                         step, stages[made].step);
  }
  return known;
}

/// Whether no kernel reads what windows see but where it lies.
static bool isReadInPlace(transformer::UnfoldOp op) {
  auto users = op.getResult().getUsers();
  return !users.empty() && llvm::all_of(users, [](Operation *user) {
    return isa<transformer::DepthwiseOp>(user);
  });
}

LogicalResult lowering::lowerUnfold(Lowering &l, transformer::UnfoldOp op) {
  if (failed(needSequences(l, op)))
    return failure();
  int64_t rows = l.context - transformer::prependedTo(op.getRows(), op);
  if (auto grid = op.getGrid(); grid && (*grid)[0] * (*grid)[1] != rows)
    return op.emitError("has a grid of ")
           << (*grid)[0] << " x " << (*grid)[1] << " for sequences of " << rows
           << " rows";
  Lowering::Windows windows = l.enterWindows(op);
  if (isReadInPlace(op)) {
    l.replace(op, l.rows(op.getX()), kernel::Count::Rows);
    return success();
  }
  Value to = l.destination(op.getLoc(), width(op.getResult()));
  auto order = static_cast<kernel::Order>(op.getOrder());
  auto unfold = kernel::UnfoldOp::create(
      l.b, op.getLoc(), TypeRange{to.getType()}, order, windows.from,
      windows.made, l.rows(op.getX()), windows.firsts, to, windows.windows);
  l.replace(op, unfold.getResult(0), kernel::Count::Rows);
  return success();
}
