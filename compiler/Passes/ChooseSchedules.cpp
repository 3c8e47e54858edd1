// In: named kernels with the target's schedules; on the module, perhaps, a
// dictionary of others by kernel name. Out: kernels with these, and weights in
// panels that fit. Whoever else reads such a weight must agree on its panels.
#include "compiler/Passes/Passes.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace kernel;

namespace {

// Vectors of a matmul's columns (bias) are padded to a multiple of this.
constexpr int64_t columnPadding = 192;

/// A schedule that a file asks for, and where.
struct Choice {
  StringRef name;
  int64_t rows, vectors;
  Location at;
};

Choice readChoice(NamedAttribute entry) {
  auto values = cast<DictionaryAttr>(entry.getValue());
  return {entry.getName().getValue(),
          values.getAs<IntegerAttr>("rows").getInt(),
          values.getAs<IntegerAttr>("vectors").getInt(),
          Location(values.getAs<LocationAttr>("at"))};
}

/// What makes two weights one in the file.
bool isSameWeight(WeightOp x, WeightOp y) {
  return x.getParts() == y.getParts() && x.getFormat() == y.getFormat() &&
         x.getRepeatsAttr() == y.getRepeatsAttr() && x.getPanel() &&
         y.getPanel() && !x.getInterleave() == !y.getInterleave();
}

void cutIntoPanels(WeightOp weight, int64_t panel) {
  Builder b(weight.getContext());
  int64_t align = weight.getInterleave() ? panel / 2 : panel, rows = 0;
  for (auto part : weight.getParts().getAsRange<PartAttr>())
    rows += llvm::alignTo(part.getRows(), align);
  int64_t depth = cast<PartAttr>(weight.getParts()[0]).getCols();
  weight.setPanel(panel);
  weight.setAlign(align);
  if (weight.getInterleave())
    weight.setInterleave(align);
  weight.getResult().setType(panelType(weight.getContext(), weight.getFormat(),
                                       llvm::divideCeil(rows, panel), depth,
                                       panel));
}

struct ChooseSchedules : PassWrapper<ChooseSchedules, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ChooseSchedules)
  StringRef getArgument() const override { return "choose-schedules"; }
  StringRef getDescription() const override {
    return "Give kernels the schedules that the module asks for by name";
  }

  MachineAttr machine;

  LogicalResult checkRegisters(const Choice &choice, int64_t sums) {
    // Beside the accumulators a row of the panel and one broadcast.
    int64_t wanted = sums * choice.rows * choice.vectors + choice.vectors + 1;
    int64_t registers = machine.getLanes() == 8 ? 16 : 32;
    if (wanted <= registers)
      return success();
    return emitError(choice.at)
           << "a tile of " << choice.rows << " rows x " << choice.vectors
           << " vectors needs " << wanted << " registers, '" << machine.getCpu()
           << "' has " << registers;
  }

  LogicalResult choose(MatmulOp op, const Choice &choice) {
    int64_t accumulators = op.getAccumulators();
    int64_t panel = choice.vectors * machine.getLanes();
    if (choice.vectors % accumulators != 0)
      return emitError(choice.at)
             << accumulators << " accumulators cannot share " << choice.vectors
             << " vectors evenly";
    if (columnPadding % panel != 0)
      return emitError(choice.at)
             << "panels of " << panel << " columns (" << choice.vectors
             << " vectors of " << machine.getLanes() << ") do not divide "
             << columnPadding;
    DotAttr dot = op.getSchedule().getDot();
    if (failed(checkRegisters(choice, dot ? 2 : 1)))
      return failure();
    auto weight = op.getWeight().getDefiningOp<WeightOp>();
    if (!weight)
      return emitError(choice.at)
             << "'" << choice.name
             << "' reads no weight whose panels could change";
    op.setScheduleAttr(ScheduleAttr::get(
        &getContext(), choice.rows, choice.vectors, machine.getLanes(), dot));
    if (weight.getPanel() != static_cast<uint64_t>(panel))
      getOperation().walk([&](WeightOp other) {
        if (other == weight || isSameWeight(other, weight))
          cutIntoPanels(other, panel);
      });
    return success();
  }

  LogicalResult choose(AttentionOp op, const Choice &choice) {
    ScheduleAttr known = op.getSchedule();
    if (choice.rows != known.getRows())
      return emitError(choice.at)
             << "attention works on tiles of " << known.getRows()
             << " rows on '" << machine.getCpu() << "', not " << choice.rows;
    if (CacheAttr::block % (choice.vectors * known.getLanes()) != 0)
      return emitError(choice.at)
             << choice.vectors << " vectors of " << known.getLanes()
             << " keys do not divide a block of " << CacheAttr::block;
    if (failed(checkRegisters(choice, 1)))
      return failure();
    op.setScheduleAttr(ScheduleAttr::get(&getContext(), choice.rows,
                                         choice.vectors, known.getLanes()));
    return success();
  }

  LogicalResult unknown(const Choice &choice, ArrayRef<Operation *> kernels) {
    auto diagnostic = emitError(choice.at)
                      << "no kernel is named '" << choice.name << "'";
    StringRef nearest;
    unsigned best = 1 + choice.name.size() / 2;
    for (Operation *op : kernels)
      if (unsigned distance = choice.name.edit_distance(nameOf(op));
          distance < best && op->hasAttr("schedule")) {
        best = distance;
        nearest = nameOf(op);
      }
    if (!nearest.empty())
      diagnostic << "; did you mean '" << nearest << "'?";
    return diagnostic;
  }

  LogicalResult choose(const Choice &choice, ArrayRef<Operation *> kernels) {
    auto found = llvm::find_if(
        kernels, [&](Operation *op) { return nameOf(op) == choice.name; });
    if (found == kernels.end())
      return unknown(choice, kernels);
    return llvm::TypeSwitch<Operation *, LogicalResult>(*found)
        .Case<MatmulOp, AttentionOp>(
            [&](auto op) { return choose(op, choice); })
        .Default([&](Operation *op) {
          return emitError(choice.at)
                 << "'" << choice.name << "' has no schedule: it is '"
                 << op->getName() << "'";
        });
  }

  /// Matmuls whose weight another's schedule has cut anew.
  LogicalResult checkShared(ArrayRef<Operation *> kernels,
                            ArrayRef<Choice> choices) {
    for (Operation *op : kernels)
      if (auto matmul = dyn_cast<MatmulOp>(op)) {
        ScheduleAttr schedule = matmul.getSchedule();
        int64_t panel = panelOf(matmul.getFormat(),
                                cast<MemRefType>(matmul.getWeight().getType()));
        if (panel != schedule.getVectors() * schedule.getLanes())
          return emitError(choices.front().at)
                 << "'" << nameOf(op) << "' shares a weight in panels of "
                 << panel << " columns, its schedule has "
                 << schedule.getVectors() << " vectors of "
                 << schedule.getLanes() << "; give both the same vectors";
      }
    return success();
  }

  void runOnOperation() override {
    auto asked = getOperation()->getAttrOfType<DictionaryAttr>(
        passes::schedulesAttrName);
    if (!asked)
      return;
    machine = targetOf(getOperation());
    if (!machine)
      return signalPassFailure();
    SmallVector<Operation *> kernels;
    getOperation().walk([&](Operation *op) {
      if (isKernel(op))
        kernels.push_back(op);
    });
    SmallVector<Choice> choices;
    for (NamedAttribute entry : asked)
      choices.push_back(readChoice(entry));
    bool failed = false;
    for (const Choice &choice : choices)
      failed |= mlir::failed(choose(choice, kernels));
    if (failed || mlir::failed(checkShared(kernels, choices)))
      return signalPassFailure();
    getOperation()->removeAttr(passes::schedulesAttrName);
  }
};

} // namespace

std::unique_ptr<Pass> passes::createChooseSchedules() {
  return std::make_unique<ChooseSchedules>();
}
