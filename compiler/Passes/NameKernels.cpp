// In: kernels. Out: each has a name that people and files can refer to: the
// path of the layer whose weights it reads, without the numbers of repetitions.
#include "compiler/Passes/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace kernel;

namespace {

/// The components of "layers.{i}.mlp.up.weight" that name the layer.
SmallVector<StringRef> pathOf(StringRef tensor) {
  SmallVector<StringRef> path;
  tensor.split(path, '.');
  llvm::erase_if(path, [](StringRef word) { return word.starts_with("{"); });
  if (path.size() > 1 && (path.back() == "weight" || path.back() == "bias"))
    path.pop_back();
  return path;
}

/// "layers.attention.query+key+value": what the tensors have in common, then
/// where they differ.
std::string layerOf(WeightOp weight) {
  SmallVector<SmallVector<StringRef>> paths;
  for (auto part : weight.getParts().getAsRange<PartAttr>())
    if (!part.getName().empty())
      paths.push_back(pathOf(part.getName()));
  if (paths.empty())
    return "";
  size_t common = 0;
  while (common + 1 < paths[0].size() &&
         llvm::all_of(paths, [&](ArrayRef<StringRef> path) {
           return common + 1 < path.size() && path[common] == paths[0][common];
         }))
    ++common;
  std::string name = llvm::join(ArrayRef(paths[0]).take_front(common), ".");
  for (auto [i, path] : llvm::enumerate(paths))
    name += (i        ? "+"
             : common ? "."
                      : "") +
            llvm::join(ArrayRef(path).drop_front(common), ".");
  return name;
}

WeightOp weightOf(Value value) {
  return value ? value.getDefiningOp<WeightOp>() : nullptr;
}

/// The weight that says best what a kernel is for: of a map any that it adds,
/// of attention none.
WeightOp weightOf(Operation *op) {
  if (isa<AttentionOp, LinearAttentionOp, GridAttentionOp>(op))
    return nullptr;
  if (auto matmul = dyn_cast<MatmulOp>(op))
    return weightOf(matmul.getWeight());
  for (Value operand : op->getOperands())
    if (WeightOp weight = weightOf(operand); weight && !layerOf(weight).empty())
      return weight;
  return nullptr;
}

/// A kernel without weights is named after the one whose rows it reads:
/// attention after the layer of its queries. Taps have names of their own.
std::string nameByInput(Operation *op) {
  if (auto tap = dyn_cast<TapOp>(op))
    return tap.getTap().getName().str();
  if (auto tap = dyn_cast<TapWeightsOp>(op))
    return tap.getTap().getName().str();
  std::string kind = op->getName().stripDialect().str();
  Value rows = llvm::TypeSwitch<Operation *, Value>(op)
                   .Case<MapOp, NormOp, QuantiseOp>(
                       [](auto op) { return op.getInput(); })
                   .Case<AttentionOp, ScoreAttentionOp, LinearAttentionOp,
                         GridAttentionOp>([](auto op) { return op.getQuery(); })
                   .Default([](Operation *) { return Value(); });
  Operation *source = rows ? rows.getDefiningOp() : nullptr;
  StringRef name = source ? nameOf(source) : "";
  if (name.empty())
    return kind;
  if (isa<AttentionOp, ScoreAttentionOp, LinearAttentionOp, GridAttentionOp>(
          op))
    return name.contains('.') ? name.rsplit('.').first.str() : kind;
  return (name + "." + kind).str();
}

struct NameKernels : PassWrapper<NameKernels, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(NameKernels)
  StringRef getArgument() const override { return "name-kernels"; }
  StringRef getDescription() const override {
    return "Name each kernel after the layer whose weights it reads";
  }

  void runOnOperation() override {
    llvm::StringSet<> taken, tables;
    getOperation().walk([&](EmbedOp embed) {
      if (WeightOp table = weightOf(embed.getTable()))
        tables.insert(layerOf(table));
    });
    getOperation().walk([&](Operation *op) {
      if (!isKernel(op))
        return;
      WeightOp weight = weightOf(op);
      std::string name = weight ? layerOf(weight) : "";
      if (name.empty())
        name = nameByInput(op);
      // An embedding's table as the weight of a matmul makes logits of rows.
      if (isa<MatmulOp>(op) && tables.contains(name))
        name = "logits";
      std::string unique = name;
      for (int i = 2; !taken.insert(unique).second; ++i)
        unique = name + "_" + std::to_string(i);
      op->setAttr(nameAttrName, StringAttr::get(&getContext(), unique));
    });
  }
};

} // namespace

std::unique_ptr<Pass> passes::createNameKernels() {
  return std::make_unique<NameKernels>();
}
