// In: kernel.weight ops. Out: places in the weights (constant offset plus one
// stride a repetition), and on the module the list of what lies where.
#include "compiler/Passes/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

using namespace mlir;
using namespace kernel;

namespace {

constexpr int64_t alignment = 64;

int64_t bytesOf(WeightOp op) {
  auto type = cast<MemRefType>(op.getType());
  return llvm::alignTo(type.getNumElements() * 4, alignment);
}

/// What makes two weights the same: everything but the place in the IR.
std::string keyOf(WeightOp op) {
  std::string key;
  llvm::raw_string_ostream(key)
      << op.getParts() << op.getPanel() << op.getAlign() << op.getInterleave()
      << op.getRepeatsAttr() << op.getFormat();
  return key;
}

int64_t copies(WeightOp op) {
  int64_t n = 1;
  if (auto repeats = op.getRepeats())
    for (int64_t count : *repeats)
      n *= count;
  return n;
}

/// Weights with the same repetitions lie repetition by repetition, so that a
/// layer's weights are neighbours.
struct Group {
  SmallVector<int64_t> repeats; ///< innermost first
  SmallVector<WeightOp> weights;
  int64_t bytes = 0; ///< of one repetition
};

struct LayOutWeights : PassWrapper<LayOutWeights, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(LayOutWeights)
  StringRef getArgument() const override { return "lay-out-weights"; }
  StringRef getDescription() const override {
    return "Give each packed weight its place in the weights file";
  }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<arith::ArithDialect>();
  }

  void runOnOperation() override {
    OpBuilder b(&getContext());
    SmallVector<Group> groups;
    llvm::StringMap<std::pair<unsigned, int64_t>> places; // group, offset in it
    SmallVector<WeightOp> all;
    getOperation().walk([&](WeightOp op) {
      all.push_back(op);
      if (places.contains(keyOf(op)))
        return;
      ArrayRef<int64_t> repeats;
      if (op.getRepeats())
        repeats = *op.getRepeats();
      // Only neighbours of the same loop share a group: the file's order is the
      // order of reading.
      if (groups.empty() || ArrayRef(groups.back().repeats) != repeats ||
          repeats.empty())
        groups.push_back({SmallVector<int64_t>(repeats), {}, 0});
      Group &group = groups.back();
      places[keyOf(op)] = {groups.size() - 1, group.bytes};
      group.weights.push_back(op);
      group.bytes += bytesOf(op);
    });
    SmallVector<int64_t> starts;
    int64_t end = 0;
    for (Group &group : groups) {
      starts.push_back(end);
      end += group.bytes * copies(group.weights[0]);
    }
    SmallVector<Attribute> list;
    for (auto [group, start] : llvm::zip(groups, starts))
      for (WeightOp op : group.weights)
        list.push_back(
            entry(b, op, start + places[keyOf(op)].second, group.bytes));
    for (WeightOp op : all) {
      auto [group, offset] = places[keyOf(op)];
      place(op, starts[group] + offset, groups[group].bytes);
    }
    getOperation()->setAttr(
        passes::layoutAttrName,
        b.getDictionaryAttr({b.getNamedAttr("bytes", b.getI64IntegerAttr(end)),
                             b.getNamedAttr("weights", b.getArrayAttr(list))}));
  }

  SmallVector<int64_t> strides(WeightOp op, int64_t bytes) {
    SmallVector<int64_t> result;
    if (auto repeats = op.getRepeats())
      for (int64_t count : *repeats) {
        result.push_back(bytes);
        bytes *= count;
      }
    return result;
  }

  Attribute entry(OpBuilder &b, WeightOp op, int64_t offset, int64_t bytes) {
    auto repeats = op.getRepeats().value_or(ArrayRef<int64_t>());
    auto number = [&](StringRef name, int64_t value) {
      return b.getNamedAttr(name, b.getI64IntegerAttr(value));
    };
    return b.getDictionaryAttr(
        {b.getNamedAttr("parts", op.getParts()), number("panel", op.getPanel()),
         number("align", op.getAlign()),
         number("interleave", op.getInterleave()),
         b.getNamedAttr("format", op.getFormatAttr()),
         number("bytes", bytesOf(op)), number("offset", offset),
         b.getNamedAttr("repeats", b.getDenseI64ArrayAttr(repeats)),
         b.getNamedAttr("strides",
                        b.getDenseI64ArrayAttr(strides(op, bytes)))});
  }

  void place(WeightOp op, int64_t offset, int64_t bytes) {
    OpBuilder b(op);
    Location loc = op.getLoc();
    Value step = op->getParentOfType<func::FuncOp>().getArgument(0);
    Value at = arith::ConstantIndexOp::create(b, loc, offset);
    for (auto [index, stride] :
         llvm::zip(op.getIndices(), strides(op, bytes))) {
      Value moved = arith::MulIOp::create(
          b, loc, index, arith::ConstantIndexOp::create(b, loc, stride));
      at = arith::AddIOp::create(b, loc, at, moved);
    }
    op.replaceAllUsesWith(
        BufferOp::create(b, loc, op.getType(), Buffer::Weights, step, at)
            .getResult());
    op.erase();
  }
};

} // namespace

std::unique_ptr<Pass> passes::createLayOutWeights() {
  return std::make_unique<LayOutWeights>();
}
