// Walks a model function in order and writes its step function; what belongs to
// single ops is in files of their own.
#include "compiler/Lowering/Lowering.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace lowering;

Lowering::Lowering(func::FuncOp model, kernel::MachineAttr machine,
                   int64_t capacity)
    : b(model.getContext()), model(model), machine(machine),
      capacity(capacity) {
  context = model->getAttrOfType<IntegerAttr>("transformer.context").getInt();
}

kernel::Count Lowering::countOf(Value value) { return counts.lookup(value); }

void Lowering::replace(Operation *op, Value by, kernel::Count count) {
  map.map(op->getResult(0), by);
  counts[op->getResult(0)] = count;
}

Type Lowering::rowsType(int64_t width) {
  return RankedTensorType::get({capacity, width}, b.getF32Type());
}

Value Lowering::destination(Location loc, int64_t width) {
  return tensor::EmptyOp::create(b, loc, ArrayRef<int64_t>{capacity, width},
                                 b.getF32Type());
}

int64_t Lowering::cacheBytes(Block &block) {
  int64_t bytes = 0;
  for (Operation &op : block) {
    if (auto attention = dyn_cast<transformer::AttentionOp>(op))
      bytes += cacheOf(attention).bytes();
    if (auto attention = dyn_cast<transformer::ScoreAttentionOp>(op))
      bytes += cacheOf(attention).bytes();
    if (auto loop = dyn_cast<scf::ForOp>(op))
      bytes += cacheBytes(*loop.getBody()) *
               loop.getStaticTripCount()->getSExtValue();
  }
  return bytes;
}

Value Lowering::takeSlot(Location loc, kernel::CacheAttr cache) {
  Value offset = arith::ConstantIndexOp::create(b, loc, cacheUsed);
  cacheUsed += cache.bytes();
  return cacheBase ? arith::AddIOp::create(b, loc, cacheBase, offset) : offset;
}

// A repeated block is lowered once: its weights and cache move with the loop.
LogicalResult Lowering::lowerLoop(scf::ForOp loop) {
  auto trips = loop.getStaticTripCount();
  if (!trips || loop.getNumRegionIterArgs() != 1 ||
      !map.contains(loop.getInitArgs()[0]))
    return loop.emitError(
        "needs a constant number of repetitions of one value");
  Location loc = loop.getLoc();
  int64_t bytes = cacheBytes(*loop.getBody());
  auto constant = [&](int64_t v) {
    return arith::ConstantIndexOp::create(b, loc, v).getResult();
  };
  Value init = rows(loop.getInitArgs()[0]);
  Value base = takeSlot(loc, kernel::CacheAttr::get(b.getContext(), 0, 0, 0, 0,
                                                    kernel::Format::F32));
  auto copy =
      scf::ForOp::create(b, loc, constant(0), constant(trips->getSExtValue()),
                         constant(1), ValueRange{init});
  cacheUsed += bytes * trips->getSExtValue();
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToEnd(copy.getBody());
  Value moved =
      arith::MulIOp::create(b, loc, copy.getInductionVar(), constant(bytes));
  Value inside = arith::AddIOp::create(b, loc, base, moved);
  std::swap(cacheBase, inside);
  int64_t used = std::exchange(cacheUsed, 0);
  tripCounts.push_back(trips->getSExtValue());
  map.map(loop.getInductionVar(), copy.getInductionVar());
  map.map(loop.getRegionIterArg(0), copy.getRegionIterArg(0));
  kernel::Count count = countOf(loop.getInitArgs()[0]);
  counts[loop.getRegionIterArg(0)] = count;
  if (failed(lowerBlock(*loop.getBody())))
    return failure();
  Value last = rows(loop.getBody()->getTerminator()->getOperand(0));
  scf::YieldOp::create(b, loc, last);
  tripCounts.pop_back();
  cacheUsed = used;
  cacheBase = inside;
  map.map(loop.getResult(0), copy.getResult(0));
  counts[loop.getResult(0)] = count;
  return success();
}

/// The operands of an op that are weights, not rows.
static SmallVector<Value> weightsOf(Operation *op) {
  using namespace transformer;
  using Values = SmallVector<Value>;
  return llvm::TypeSwitch<Operation *, Values>(op)
      .Case<EmbedOp, PositionOp, PrependOp, RelativeOp>(
          [](auto op) { return Values{op.getTable()}; })
      .Case<transformer::NormOp, LinearOp>(
          [](auto op) { return Values{op.getWeight(), op.getBias()}; })
      .Default([](Operation *) { return Values(); });
}

// What is valid by itself may still be no part of a model: files of this level
// can be written by hand.
LogicalResult Lowering::checkOperands(Operation *op) {
  SmallVector<Value> weights = weightsOf(op);
  for (Value operand : op->getOperands()) {
    if (llvm::is_contained(weights, operand)) {
      if (!operand.getDefiningOp<transformer::WeightOp>())
        return op->emitError("needs weights of the model");
      continue;
    }
    if (auto attention = dyn_cast<transformer::AttentionOp>(op);
        attention && operand == attention.getBias()) {
      if (!isa_and_present<transformer::AlibiOp, transformer::RelativeOp>(
              operand.getDefiningOp()))
        return op->emitError("has a bias that no distance makes");
      continue;
    }
    auto type = dyn_cast<RankedTensorType>(operand.getType());
    if (type && type.getRank() == 2 && !map.contains(operand))
      return op->emitError("reads rows that no kernel makes");
  }
  if (auto weight = dyn_cast<transformer::WeightOp>(op)) {
    if (weight.getFormat() && !machine.scheduleOf(formatOf(weight), 1))
      return op->emitError("is stored as ")
             << transformer::stringifyFormat(*weight.getFormat())
             << " but the target says nothing of integers";
    for (Value index : weight.getIndices())
      if (!getConstantIntValue(index) && !map.contains(index))
        return op->emitError("is indexed by what is no repetition");
  }
  return success();
}

LogicalResult Lowering::lowerOp(Operation *op) {
  using namespace transformer;
  if (failed(checkOperands(op)))
    return failure();
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case<WeightOp, AlibiOp, RelativeOp, scf::YieldOp, func::ReturnOp,
            arith::ConstantOp>([](Operation *) { return success(); })
      .Case([&](scf::ForOp op) { return lowerLoop(op); })
      .Case([&](EmbedOp op) { return lowerEmbed(*this, op); })
      .Case([&](PositionOp op) { return lowerPosition(*this, op); })
      .Case([&](PatchesOp op) { return lowerPatches(*this, op); })
      .Case([&](PrependOp op) { return lowerPrepend(*this, op); })
      .Case([&](OutputsOp op) { return lowerOutputs(*this, op); })
      .Case([&](transformer::PoolOp op) { return lowerPool(*this, op); })
      .Case([&](transformer::NormOp op) { return lowerNorm(*this, op); })
      .Case([&](LinearOp op) { return lowerLinear(*this, op); })
      .Case([&](ActivationOp op) { return lowerActivation(*this, op); })
      .Case([&](RotaryOp op) { return lowerRotary(*this, op); })
      .Case([&](ScaleOp op) { return lowerScale(*this, op); })
      .Case([&](SoftcapOp op) { return lowerSoftcap(*this, op); })
      .Case<arith::AddFOp, arith::MulFOp>(
          [&](Operation *op) { return lowerBinary(*this, op); })
      .Case([&](transformer::AttentionOp op) {
        return lowerAttention(*this, op);
      })
      .Case([&](transformer::ScoreAttentionOp op) {
        return lowerScoreAttention(*this, op);
      })
      .Default([](Operation *op) { return op->emitError("has no kernel"); });
}

LogicalResult Lowering::lowerBlock(Block &block) {
  for (Operation &op : block)
    if (failed(lowerOp(&op)))
      return failure();
  return success();
}

/// The weights whose rows a rotary op in halves layout pairs up.
LogicalResult Lowering::findRotations() {
  WalkResult walk = model.walk([&](transformer::RotaryOp rotary) {
    if (rotary.getLayout() != transformer::RotaryLayout::Halves)
      return WalkResult::advance();
    std::pair<int64_t, int64_t> shape(rotary.getHeadDim(), rotary.getDim());
    auto mark = [&](Value weight) {
      if (!weight)
        return true;
      auto op = weight.getDefiningOp<transformer::WeightOp>();
      return op && rotations.try_emplace(op, shape).first->second == shape;
    };
    Value x = rotary.getX();
    if (auto norm = x.getDefiningOp<transformer::NormOp>()) {
      if (!mark(norm.getWeight()) || !mark(norm.getBias()))
        return rotary.emitError("shares its norm's weight"),
               WalkResult::interrupt();
      x = norm.getX();
    }
    auto linear = x.getDefiningOp<transformer::LinearOp>();
    if (!linear || !mark(linear.getWeight()) || !mark(linear.getBias()))
      return rotary.emitError("in halves layout needs a linear layer of its "
                              "own before it, whose rows become pairs"),
             WalkResult::interrupt();
    return WalkResult::advance();
  });
  return failure(walk.wasInterrupted());
}

LogicalResult Lowering::run() {
  if (failed(findRotations()))
    return failure();
  Block &body = model.getBody().front();
  if (body.getTerminator()->getNumOperands() != 1)
    return model.emitError("has ")
           << body.getTerminator()->getNumOperands() << " results, expected 1";
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(model);
  auto func = func::FuncOp::create(
      b, model.getLoc(), (model.getName() + "_step").str(),
      b.getFunctionType({kernel::StepType::get(b.getContext())}, {}));
  Block *entry = func.addEntryBlock();
  step = entry->getArgument(0);
  b.setInsertionPointToEnd(entry);
  if (failed(lowerBlock(body)))
    return failure();
  Value result = body.getTerminator()->getOperand(0);
  if (!map.contains(result))
    return model.emitError("returns what no kernel makes");
  Location loc = model.getLoc();
  auto type = cast<RankedTensorType>(rows(result).getType());
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  Value output = kernel::BufferOp::create(
      b, loc, MemRefType::get(type.getShape(), type.getElementType()),
      kernel::Buffer::Output, step, zero);
  auto place = bufferization::MaterializeInDestinationOp::create(
      b, loc, TypeRange(), rows(result), output);
  place.setRestrict(true);
  place.setWritable(true);
  func::ReturnOp::create(b, loc);
  auto number = [&](StringRef name, int64_t value) {
    func->setAttr(name, b.getI64IntegerAttr(value));
  };
  number("kernel.cache_bytes", cacheUsed);
  number("kernel.rows", capacity);
  number("kernel.output_dim", type.getDimSize(1));
  func->setAttr("kernel.outputs",
                kernel::CountAttr::get(b.getContext(), countOf(result)));
  model.erase();
  return success();
}
