// In: matmuls and maps. Out: a map whose input comes from a matmul that nobody
// else reads is part of the matmul's region: bias, activation, rotary,
// residual, the write into the cache. A product of two such matmuls of the same
// rows becomes one with two accumulators: gate and up.
#include "compiler/Passes/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace kernel;

namespace {

/// The matmul that makes `value`, if it may take more work: one part of rows,
/// read by nobody else.
MatmulOp fusable(Value value) {
  auto matmul = value.getDefiningOp<MatmulOp>();
  if (!matmul || !value.hasOneUse() || matmul.getColumns().size() != 1 ||
      cast<TargetAttr>(matmul.getTargets()[0]).getValue() != Target::Rows)
    return nullptr;
  return matmul;
}

SmallVector<Value> inlineBody(OpBuilder &b, Region &region, IRMapping &map) {
  for (Operation &op : region.front().without_terminator())
    b.clone(op, map);
  SmallVector<Value> results;
  for (Value v : region.front().getTerminator()->getOperands())
    results.push_back(map.lookup(v));
  return results;
}

/// The parts of a fused matmul that its sources don't share.
struct Fused {
  SmallVector<Value> extras;
  SmallVector<Attribute> accesses;

  void append(ValueRange values, ArrayAttr kinds) {
    llvm::append_range(extras, values);
    llvm::append_range(accesses, kinds);
  }
};

/// Where the result goes: over an operand read at the same place, the last that
/// there is (the residual is added last), or the map's own destination.
SmallVector<Value> destinations(MapOp map, const Fused &fused) {
  if (map.getTarget() != Target::Rows)
    return {};
  Value to = map.getInits()[0];
  for (auto [value, kind] : llvm::zip(fused.extras, fused.accesses))
    if (cast<AccessAttr>(kind).getValue() == Access::Elements &&
        value.getType() == map.getInits()[0].getType())
      to = value;
  return {to};
}

MatmulOp build(OpBuilder &b, MapOp map, MatmulOp like, const Fused &fused,
               Value weight, int64_t accumulators, ScheduleAttr schedule) {
  SmallVector<Value> inits = destinations(map, fused);
  SmallVector<Type> types;
  for (Value init : inits)
    types.push_back(init.getType());
  IntegerAttr period =
      like.getPeriodAttr() ? like.getPeriodAttr() : map.getPeriodAttr();
  auto matmul = MatmulOp::create(
      b, map.getLoc(), types, like.getCount(), map.getStep(), like.getInput(),
      ValueRange(), weight, fused.extras, map.getSlot(), inits, NormAttr(),
      like.getColumnsAttr(),
      b.getArrayAttr({TargetAttr::get(b.getContext(), map.getTarget())}),
      b.getArrayAttr(fused.accesses), accumulators, schedule,
      map.getCacheAttr(), period, like.getFormat(), /*partsCount=*/1);
  Block &body = matmul.getParts()[0].emplaceBlock();
  for (size_t i = 0; i < accumulators + fused.extras.size(); ++i)
    body.addArgument(b.getF32Type(), map.getLoc());
  return matmul;
}

void finish(OpBuilder &b, MapOp map, MatmulOp matmul, Value result) {
  YieldOp::create(b, map.getLoc(), result);
  map->replaceAllUsesWith(matmul->getResults());
  map.erase();
}

/// map(matmul, extras...): the map's region after the matmul's.
bool fuseInto(MapOp map, unsigned operand) {
  ValueRange extras = map.getExtras();
  Value input = operand == 0 ? map.getInput() : extras[operand - 1];
  MatmulOp matmul = fusable(input);
  if (!matmul || !agreeOnPeriod(matmul, map))
    return false;
  OpBuilder b(map);
  Fused fused;
  fused.append(matmul.getExtras(), matmul.getAccesses());
  unsigned first = fused.extras.size();
  // The map's operands without the one that the accumulator replaces.
  SmallVector<unsigned> arguments; // of the map's region, for fused extras
  if (operand != 0) {
    fused.extras.push_back(map.getInput());
    fused.accesses.push_back(AccessAttr::get(b.getContext(), Access::Elements));
    arguments.push_back(0);
  }
  for (auto [i, extra] : llvm::enumerate(extras))
    if (i + 1 != operand) {
      fused.extras.push_back(extra);
      fused.accesses.push_back(map.getAccesses()[i]);
      arguments.push_back(i + 1);
    }
  int64_t accumulators = matmul.getAccumulators();
  MatmulOp result = build(b, map, matmul, fused, matmul.getWeight(),
                          accumulators, matmul.getSchedule());
  Block &body = result.getParts()[0].front();
  b.setInsertionPointToEnd(&body);
  IRMapping values;
  for (auto [i, old] : llvm::enumerate(matmul.getParts()[0].getArguments()))
    values.map(old, body.getArgument(i));
  Value sum = inlineBody(b, matmul.getParts()[0], values)[0];
  values.map(map.getBody().getArgument(operand), sum);
  for (auto [i, argument] : llvm::enumerate(arguments))
    values.map(map.getBody().getArgument(argument),
               body.getArgument(accumulators + first + i));
  Value last = inlineBody(b, map.getBody(), values)[0];
  finish(b, map, result, last);
  matmul.erase();
  return true;
}

/// One weight whose panels hold columns of both.
Value interleaved(OpBuilder &b, MatmulOp gate, MatmulOp up,
                  ScheduleAttr schedule) {
  auto first = gate.getWeight().getDefiningOp<WeightOp>();
  auto second = up.getWeight().getDefiningOp<WeightOp>();
  if (!first || !second || first.getIndices() != second.getIndices())
    return nullptr;
  int64_t panel = schedule.getVectors() * schedule.getLanes(), half = panel / 2;
  int64_t depth = cast<PartAttr>(first.getParts()[0]).getCols();
  int64_t panels = llvm::divideCeil(gate.getColumns()[0], half);
  return WeightOp::create(
      b, gate.getLoc(),
      panelType(b.getContext(), first.getFormat(), panels, depth, panel),
      b.getArrayAttr({first.getParts()[0], second.getParts()[0]}),
      first.getIndices(), panel, /*align=*/half, /*interleave=*/half,
      first.getRepeatsAttr(), first.getFormat());
}

/// map(gate matmul, up matmul) of the same rows.
bool fuseGate(MapOp map) {
  if (map.getExtras().size() != 1 ||
      cast<AccessAttr>(map.getAccesses()[0]).getValue() != Access::Elements)
    return false;
  MatmulOp gate = fusable(map.getInput()), up = fusable(map.getExtras()[0]);
  if (!gate || !up || gate == up || gate.getInput() != up.getInput() ||
      gate.getColumns() != up.getColumns() || gate.getAccumulators() != 1 ||
      up.getAccumulators() != 1 || gate.getFormat() != up.getFormat() ||
      !agreeOnPeriod(gate, up))
    return false;
  MachineAttr machine = targetOf(map);
  if (!machine)
    return false;
  OpBuilder b(map);
  ScheduleAttr schedule = machine.scheduleOf(gate.getFormat(), 2);
  if (!schedule)
    return false;
  Value weight = interleaved(b, gate, up, schedule);
  if (!weight)
    return false;
  Fused fused;
  fused.append(gate.getExtras(), gate.getAccesses());
  fused.append(up.getExtras(), up.getAccesses());
  MatmulOp result = build(b, map, gate, fused, weight, 2, schedule);
  Block &body = result.getParts()[0].front();
  b.setInsertionPointToEnd(&body);
  auto inlinePart = [&](MatmulOp source, unsigned accumulator, unsigned first) {
    IRMapping values;
    Region &region = source.getParts()[0];
    values.map(region.getArgument(0), body.getArgument(accumulator));
    for (unsigned i = 1; i < region.getNumArguments(); ++i)
      values.map(region.getArgument(i), body.getArgument(first + i - 1));
    return inlineBody(b, region, values)[0];
  };
  IRMapping values;
  values.map(map.getBody().getArgument(0), inlinePart(gate, 0, 2));
  values.map(map.getBody().getArgument(1),
             inlinePart(up, 1, 2 + gate.getExtras().size()));
  Value last = inlineBody(b, map.getBody(), values)[0];
  finish(b, map, result, last);
  gate.erase();
  up.erase();
  return true;
}

bool fuseAny(MapOp map) {
  if (map.getShift()) // only a map's rows count from elsewhere
    return false;
  // A tile of a matmul need not hold all of a head.
  if (map.getCache() && map.getCache()->getFormat() == Format::Int8)
    return false;
  if (fuseGate(map) || fuseInto(map, 0))
    return true;
  for (auto [i, access] : llvm::enumerate(map.getAccesses()))
    if (cast<AccessAttr>(access).getValue() == Access::Elements &&
        fuseInto(map, i + 1))
      return true;
  return false;
}

struct FuseEpilogues : PassWrapper<FuseEpilogues, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(FuseEpilogues)
  StringRef getArgument() const override { return "fuse-epilogues"; }
  StringRef getDescription() const override {
    return "Move element-wise maps into the matmuls that feed them";
  }
  void runOnOperation() override {
    SmallVector<MapOp> maps;
    getOperation().walk([&](MapOp map) { maps.push_back(map); });
    for (MapOp map : maps)
      fuseAny(map);
  }
};

} // namespace

std::unique_ptr<Pass> passes::createFuseEpilogues() {
  return std::make_unique<FuseEpilogues>();
}
