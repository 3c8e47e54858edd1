// Finds the places between layers and cuts there.
#include "compiler/Verify/Prefixes.h"

#include "dialects/Transformer/Transformer.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include <fmt/format.h>

using namespace mlir;

namespace verify {

/// Most repetitions of one block that are looked at.
constexpr int64_t mostRepetitions = 6;

static bool makesRows(Operation &op) {
  if (op.getNumResults() == 0)
    return false;
  auto type = dyn_cast<RankedTensorType>(op.getResult(0).getType());
  return type && type.isDynamicDim(0);
}

/// The op of `block` in or after which nothing reads the value.
static Operation *lastReader(Value value, Block &block) {
  Operation *last = value.getDefiningOp();
  for (Operation *user : value.getUsers()) {
    Operation *reader = block.findAncestorOpInBlock(*user);
    if (last->isBeforeInBlock(reader))
      last = reader;
  }
  return last;
}

/// Row-making ops whose result is all that later ops read.
static SmallVector<Operation *> findNarrowPlaces(Block &block) {
  SmallVector<Operation *> places;
  Operation *needed = &block.front(); // as long as values from before are
  for (Operation &op : block) {
    if (!makesRows(op))
      continue;
    if (!op.isBeforeInBlock(needed) && !isa<transformer::OutputsOp>(op))
      places.push_back(&op);
    Operation *last = lastReader(op.getResult(0), block);
    if (needed->isBeforeInBlock(last))
      needed = last;
  }
  return places;
}

static std::string nameOf(Operation *op) {
  std::string name = isa<arith::AddFOp>(op)   ? "residual"
                     : isa<arith::MulFOp>(op) ? "gate"
                     : isa<scf::ForOp>(op) ? "repeat"
                                           : op->getName().stripDialect().str();
  if (auto place = dyn_cast<FileLineColLoc>(op->getLoc()))
    name += fmt::format(" (line {})", place.getLine());
  return name;
}

/// What the evaluator sees made: through loops, in their last rounds, to the op
/// that makes the value.
static void findSource(Cut &cut, Value value) {
  cut.source = value.getDefiningOp();
  while (auto loop = dyn_cast_or_null<scf::ForOp>(cut.source)) {
    int64_t rounds = cut.iteration.empty()
                         ? cut.repetitions
                         : loop.getStaticTripCount()->getSExtValue();
    cut.iteration.insert(cut.iteration.begin(), rounds - 1);
    cut.source = loop.getYieldedValues()[0].getDefiningOp();
  }
}

static void addCut(std::vector<Cut> &cuts, Operation *op, std::string name,
                   int64_t repetitions) {
  Cut cut{std::move(name), op, repetitions, nullptr, {}};
  findSource(cut, op->getResult(0));
  if (cut.source)
    cuts.push_back(std::move(cut));
}

static void addRepetitions(std::vector<Cut> &cuts, scf::ForOp loop) {
  auto trips = loop.getStaticTripCount();
  if (!trips || trips->getSExtValue() <= 0)
    return;
  int64_t all = trips->getSExtValue();
  int64_t chosen = std::min(all, mostRepetitions);
  for (int64_t i = 0; i < chosen; ++i) {
    int64_t count = i + 1 == chosen ? all : 1 + i * (all - 1) / (chosen - 1);
    addCut(cuts, loop, fmt::format("{}, {} of {}", nameOf(loop), count, all),
           count);
  }
}

static Operation *findLastPrepend(Block &block) {
  Operation *last = nullptr;
  for (auto prepend : block.getOps<transformer::PrependOp>())
    last = prepend;
  return last;
}

std::vector<Cut> findCuts(func::FuncOp model) {
  Block &block = model.getBody().front();
  Operation *prepend = findLastPrepend(block);
  SmallVector<Operation *> places = findNarrowPlaces(block);
  std::vector<Cut> cuts;
  for (auto [i, op] : llvm::enumerate(places)) {
    if (prepend && op->isBeforeInBlock(prepend))
      continue;
    if (auto loop = dyn_cast<scf::ForOp>(op)) {
      addRepetitions(cuts, loop);
      continue;
    }
    // Ops of one layer have its place in the spec.
    if (i + 1 < places.size() && places[i + 1]->getLoc() == op->getLoc())
      continue;
    addCut(cuts, op, nameOf(op), 0);
  }
  Value result = block.getTerminator()->getOperand(0);
  Operation *last = result.getDefiningOp();
  if (auto outputs = dyn_cast<transformer::OutputsOp>(last))
    last = outputs.getX().getDefiningOp();
  if (!cuts.empty() && cuts.back().last == last) {
    cuts.back().whole = true;
    cuts.back().name = "output";
  }
  return cuts;
}

/// Drops what nothing reads any more.
static void eraseUnread(Block &block) {
  Operation *op = block.getTerminator()->getPrevNode();
  while (op) {
    Operation *before = op->getPrevNode();
    if (isOpTriviallyDead(op))
      op->erase();
    op = before;
  }
}

/// Without exits all sequences reach the cut, which may be one of them.
static Operation *eraseExits(func::FuncOp model, Operation *last) {
  while (auto exit = dyn_cast<transformer::ExitOp>(last))
    last = exit.getX().getDefiningOp();
  model.walk([](transformer::ExitOp exit) {
    exit.replaceAllUsesWith(exit.getX());
    exit.erase();
  });
  eraseUnread(model.getBody().front());
  return last;
}

static bool choosesRows(Block &block, Operation *last) {
  return llvm::any_of(block, [&](Operation &op) {
    return isa<transformer::PoolOp, transformer::OutputsOp>(op) &&
           !last->isBeforeInBlock(&op);
  });
}

OwningOpRef<ModuleOp> makePrefix(func::FuncOp model, const Cut &cut) {
  IRMapping mapping;
  auto module = model->getParentOfType<ModuleOp>();
  OwningOpRef<ModuleOp> copy(cast<ModuleOp>(module->clone(mapping)));
  if (cut.whole)
    return copy;
  auto function = cast<func::FuncOp>(mapping.lookup(model.getOperation()));
  Operation *last = eraseExits(function, mapping.lookup(cut.last));
  Block &block = function.getBody().front();
  OpBuilder builder(last);
  if (auto loop = dyn_cast<scf::ForOp>(last))
    loop.setUpperBound(arith::ConstantIndexOp::create(builder, loop.getLoc(),
                                                      cut.repetitions));
  Value result = last->getResult(0);
  builder.setInsertionPointAfter(last);
  if (!choosesRows(block, last))
    result = transformer::OutputsOp::create(builder, last->getLoc(), result,
                                            transformer::rowsOf(result));
  block.getTerminator()->setOperand(0, result);
  eraseUnread(block);
  function.setType(builder.getFunctionType(
      function.getFunctionType().getInputs(), {result.getType()}));
  return copy;
}

} // namespace verify
