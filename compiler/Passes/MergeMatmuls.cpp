// In: matmuls. Out: those of one block that read the same rows are one matmul
// with their columns side by side, each with its region and target: Q, K and V
// share one pass over the rows.
#include "compiler/Passes/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace kernel;

namespace {

bool mayMerge(MatmulOp x, MatmulOp y) {
  auto wx = x.getWeight().getDefiningOp<WeightOp>();
  auto wy = y.getWeight().getDefiningOp<WeightOp>();
  bool sameSlot =
      !x.getSlot() || !y.getSlot() ||
      (x.getSlot() == y.getSlot() && x.getCacheAttr() == y.getCacheAttr());
  return x->getBlock() == y->getBlock() && x.getInput() == y.getInput() &&
         x.getCount() == y.getCount() && !x.getNorm() && !y.getNorm() &&
         x.getAccumulators() == 1 && y.getAccumulators() == 1 &&
         x.getSchedule() == y.getSchedule() && x.getFormat() == y.getFormat() &&
         agreeOnPeriod(x, y) && sameSlot && wx && wy &&
         wx.getIndices() == wy.getIndices();
}

/// What reads its results; of keys and values that is by their place in the
/// cache.
SmallVector<Operation *> readersOf(MatmulOp matmul) {
  SmallVector<Operation *> readers(matmul->getUsers());
  if (Value slot = matmul.getSlot())
    llvm::copy_if(slot.getUsers(), std::back_inserter(readers),
                  llvm::IsaPred<AttentionOp, ScoreAttentionOp, TapWeightsOp>);
  return readers;
}

/// No reader of an earlier one may stand before the last, where the merged one
/// will be.
bool readersFollow(ArrayRef<MatmulOp> group) {
  MatmulOp last = group.back();
  for (MatmulOp matmul : group.drop_back())
    for (Operation *user : readersOf(matmul)) {
      Operation *here = last->getBlock()->findAncestorOpInBlock(*user);
      if (here && here->isBeforeInBlock(last))
        return false;
    }
  return true;
}

void merge(ArrayRef<MatmulOp> group) {
  MatmulOp last = group.back();
  OpBuilder b(last);
  Location loc = MatmulOp(group.front()).getLoc();
  SmallVector<Value> extras, inits;
  SmallVector<Attribute> parts, targets, accesses;
  SmallVector<int64_t> columns;
  SmallVector<Type> types;
  Value slot;
  CacheAttr cache;
  IntegerAttr period;
  int64_t panels = 0;
  for (MatmulOp matmul : group) {
    auto weight = matmul.getWeight().getDefiningOp<WeightOp>();
    llvm::append_range(parts, weight.getParts());
    panels += cast<MemRefType>(weight.getType()).getDimSize(0);
    llvm::append_range(extras, matmul.getExtras());
    llvm::append_range(accesses, matmul.getAccesses());
    llvm::append_range(targets, matmul.getTargets());
    llvm::append_range(columns, matmul.getColumns());
    llvm::append_range(inits, matmul.getInits());
    llvm::append_range(types, matmul.getResultTypes());
    slot = matmul.getSlot() ? matmul.getSlot() : slot;
    cache = matmul.getCacheAttr() ? matmul.getCacheAttr() : cache;
    period = matmul.getPeriodAttr() ? matmul.getPeriodAttr() : period;
  }
  auto first = MatmulOp(group.front()).getWeight().getDefiningOp<WeightOp>();
  auto type = cast<MemRefType>(first.getType());
  Value weight = WeightOp::create(
      b, loc,
      MemRefType::get({panels, type.getDimSize(1), type.getDimSize(2)},
                      type.getElementType()),
      b.getArrayAttr(parts), first.getIndices(), first.getPanel(),
      first.getAlign(), 0, first.getRepeatsAttr(), first.getFormat());
  auto merged = MatmulOp::create(
      b, loc, types, last.getCount(), last.getStep(), last.getInput(),
      ValueRange(), weight, extras, slot, inits, NormAttr(),
      b.getDenseI64ArrayAttr(columns), b.getArrayAttr(targets),
      b.getArrayAttr(accesses), 1, last.getSchedule(), cache, period,
      last.getFormat(), group.size());
  unsigned before = 0, result = 0;
  for (auto [part, source] : llvm::enumerate(group)) {
    MatmulOp matmul = source;
    Block &body = merged.getParts()[part].emplaceBlock();
    for (size_t i = 0; i <= extras.size(); ++i)
      body.addArgument(b.getF32Type(), loc);
    IRMapping map;
    Region &region = matmul.getParts()[0];
    map.map(region.getArgument(0), body.getArgument(0));
    for (unsigned i = 0; i < matmul.getExtras().size(); ++i)
      map.map(region.getArgument(1 + i), body.getArgument(1 + before + i));
    before += matmul.getExtras().size();
    OpBuilder inside = OpBuilder::atBlockEnd(&body);
    for (Operation &op : region.front())
      inside.clone(op, map);
    for (Value old : matmul->getResults())
      old.replaceAllUsesWith(merged.getResult(result++));
  }
  for (MatmulOp matmul : group)
    matmul.erase();
}

struct MergeMatmuls : PassWrapper<MergeMatmuls, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(MergeMatmuls)
  StringRef getArgument() const override { return "merge-matmuls"; }
  StringRef getDescription() const override {
    return "Make one matmul of those that read the same rows";
  }
  void runOnOperation() override {
    SmallVector<SmallVector<MatmulOp>> groups;
    getOperation().walk([&](MatmulOp matmul) {
      for (auto &group : groups)
        if (llvm::all_of(group, [&](MatmulOp other) {
              return mayMerge(other, matmul);
            })) {
          group.push_back(matmul);
          return;
        }
      groups.push_back({matmul});
    });
    for (auto &group : groups)
      if (group.size() > 1 && readersFollow(group))
        merge(group);
  }
};

} // namespace

std::unique_ptr<Pass> passes::createMergeMatmuls() {
  return std::make_unique<MergeMatmuls>();
}
