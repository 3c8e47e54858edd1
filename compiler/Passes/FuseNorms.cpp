// In: norms and matmuls. Out: a norm whose rows only one matmul reads is that
// matmul's prologue, a row pass in the same kernel.
#include "compiler/Passes/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace kernel;

namespace {

void fuse(NormOp norm, MatmulOp matmul) {
  OpBuilder b(matmul);
  SmallVector<Value> inits{norm.getInits()[0]};
  llvm::append_range(inits, matmul.getInits());
  SmallVector<Type> types;
  for (Value init : inits)
    types.push_back(init.getType());
  auto fused = MatmulOp::create(
      b, matmul.getLoc(), types, matmul.getCount(), matmul.getStep(),
      norm.getInput(), norm.getNormWeights(), matmul.getWeight(),
      matmul.getExtras(), matmul.getSlot(), inits, norm.getNormAttr(),
      matmul.getColumnsAttr(), matmul.getTargetsAttr(),
      matmul.getAccessesAttr(), matmul.getAccumulators(), matmul.getSchedule(),
      matmul.getCacheAttr(), matmul.getPeriodAttr(), matmul.getFormat(),
      matmul.getParts().size());
  for (auto [to, from] : llvm::zip(fused.getParts(), matmul.getParts()))
    to.takeBody(from);
  matmul->replaceAllUsesWith(fused->getResults().drop_front());
  matmul.erase();
  norm.erase();
}

struct FuseNorms : PassWrapper<FuseNorms, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(FuseNorms)
  StringRef getArgument() const override { return "fuse-norms"; }
  StringRef getDescription() const override {
    return "Make a norm the first row pass of the matmul that reads it";
  }
  void runOnOperation() override {
    SmallVector<NormOp> norms;
    getOperation().walk([&](NormOp norm) { norms.push_back(norm); });
    for (NormOp norm : norms) {
      if (!norm->hasOneUse() || norm.getNorm().getGroup())
        continue;
      auto matmul = dyn_cast<MatmulOp>(*norm->user_begin());
      // As rows, not as an element of its region.
      if (matmul && matmul.getInput() == norm.getResult(0) &&
          !matmul.getNorm() && matmul.getCount() == norm.getCount())
        fuse(norm, matmul);
    }
  }
};

} // namespace

std::unique_ptr<Pass> passes::createFuseNorms() {
  return std::make_unique<FuseNorms>();
}
