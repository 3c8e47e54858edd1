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
  stageOf[op->getResult(0)] = stage;
}

LogicalResult Lowering::needAllRows(Operation *op, Value x) {
  if (countOf(x) == kernel::Count::Rows)
    return success();
  return op->emitError("is behind rows that the caller chooses or a pool");
}

void Lowering::enter(unsigned number) {
  stage = number;
  step = stages[number].step;
  capacity = stages[number].capacity;
  context = stages[number].context;
}

Type Lowering::rowsType(int64_t width) {
  return RankedTensorType::get({capacity, width}, b.getF32Type());
}

Value Lowering::destination(Location loc, int64_t width) {
  return tensor::EmptyOp::create(b, loc, ArrayRef<int64_t>{capacity, width},
                                 b.getF32Type());
}

int64_t Lowering::ownBytes(Operation &op) {
  return llvm::TypeSwitch<Operation *, int64_t>(&op)
      .Case<transformer::AttentionOp, transformer::ScoreAttentionOp,
            transformer::CrossAttentionOp>(
          [&](auto op) { return cacheOf(op).bytes(); })
      .Case([&](transformer::LinearAttentionOp op) {
        return stateOf(op).bytes();
      })
      .Case([&](transformer::ShortConvOp op) { return slotBytes(op); })
      .Default([](Operation *) { return 0; });
}

int64_t Lowering::cacheBytes(Block &block) {
  int64_t bytes = 0;
  for (Operation &op : block) {
    bytes += ownBytes(op);
    if (auto loop = dyn_cast<scf::ForOp>(op))
      bytes += cacheBytes(*loop.getBody()) *
               (keepsRows ? loop.getStaticTripCount()->getSExtValue() : 1);
  }
  return bytes;
}

Value Lowering::takeSlot(Location loc, int64_t bytes) {
  Value offset = arith::ConstantIndexOp::create(b, loc, cacheUsed);
  cacheUsed += bytes;
  return cacheBase ? arith::AddIOp::create(b, loc, cacheBase, offset) : offset;
}

// A repeated block is lowered once: its weights and cache move with the loop.
LogicalResult
Lowering::repeat(scf::ForOp loop, ValueRange inits,
                 llvm::function_ref<LogicalResult(scf::ForOp)> body) {
  Location loc = loop.getLoc();
  int64_t trips = loop.getStaticTripCount()->getSExtValue();
  int64_t bytes = cacheBytes(*loop.getBody());
  auto constant = [&](int64_t v) {
    return arith::ConstantIndexOp::create(b, loc, v).getResult();
  };
  Value base = takeSlot(loc, 0);
  auto copy = scf::ForOp::create(b, loc, constant(0), constant(trips),
                                 constant(1), inits);
  cacheUsed += keepsRows ? bytes * trips : bytes;
  OpBuilder::InsertionGuard guard(b);
  if (inits.empty())
    b.setInsertionPoint(copy.getBody()->getTerminator());
  else
    b.setInsertionPointToEnd(copy.getBody());
  Value inside = base;
  if (keepsRows) {
    Value moved =
        arith::MulIOp::create(b, loc, copy.getInductionVar(), constant(bytes));
    inside = arith::AddIOp::create(b, loc, base, moved);
  }
  std::swap(cacheBase, inside);
  int64_t used = std::exchange(cacheUsed, 0);
  tripCounts.push_back(trips);
  inductions.push_back(copy.getInductionVar());
  map.map(loop.getInductionVar(), copy.getInductionVar());
  if (failed(body(copy)))
    return failure();
  tripCounts.pop_back();
  inductions.pop_back();
  cacheUsed = used;
  cacheBase = inside;
  return success();
}

LogicalResult Lowering::lowerLoop(scf::ForOp loop) {
  if (!loop.getStaticTripCount() || loop.getNumRegionIterArgs() != 1 ||
      !map.contains(loop.getInitArgs()[0]))
    return loop.emitError(
        "needs a constant number of repetitions of one value");
  kernel::Count count = countOf(loop.getInitArgs()[0]);
  bool exits = holdsExits(loop);
  unsigned outer = stage;
  auto body = [&](scf::ForOp copy) {
    if (exits) {
      enterRemaining(loop.getLoc());
      outer = stage;
    }
    map.map(loop.getRegionIterArg(0), copy.getRegionIterArg(0));
    counts[loop.getRegionIterArg(0)] = count;
    stageOf[loop.getRegionIterArg(0)] = outer;
    if (failed(lowerBlock(*loop.getBody())))
      return failure();
    if (!exits &&
        stageOf.lookup(loop.getBody()->getTerminator()->getOperand(0)) != outer)
      return LogicalResult(
          loop.emitError("repeats what changes the number of rows"));
    Value last = rows(loop.getBody()->getTerminator()->getOperand(0));
    scf::YieldOp::create(b, loop.getLoc(), last);
    map.map(loop.getResult(0), copy.getResult(0));
    return success();
  };
  if (failed(repeat(loop, rows(loop.getInitArgs()[0]), body)))
    return failure();
  if (exits) {
    enterRemaining(loop.getLoc());
    outer = stage;
  }
  counts[loop.getResult(0)] = count;
  stageOf[loop.getResult(0)] = outer;
  return success();
}

/// The operands of an op that are weights, not rows.
static SmallVector<Value> weightsOf(Operation *op) {
  using namespace transformer;
  using Values = SmallVector<Value>;
  return llvm::TypeSwitch<Operation *, Values>(op)
      .Case<EmbedOp, PositionOp, transformer::TypesOp, PrependOp, QueriesOp,
            RelativeOp, MixOp, transformer::GridAttentionOp>(
          [](auto op) { return Values{op.getTable()}; })
      .Case<transformer::NormOp, LinearOp, HeadLinearOp,
            transformer::DepthwiseOp, transformer::ShortConvOp>(
          [](auto op) { return Values{op.getWeight(), op.getBias()}; })
      .Case<GainOp, transformer::RandomFeaturesOp>(
          [](auto op) { return Values{op.getWeight()}; })
      .Case([](transformer::LinearAttentionOp op) {
        Value decay = op.getDecay();
        return decay && !areRows(decay) ? Values{decay} : Values();
      })
      .Case([](transformer::RouteOp op) { return Values{op.getCorrection()}; })
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
    bool isThere =
        map.contains(operand) || isa<transformer::InputOp>(op) ||
        (isa<transformer::CrossAttentionOp>(op) && areOfMemory(operand));
    if (type && type.getRank() == 2 && !isThere)
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
  auto operands = op->getOperands();
  if (auto rows = llvm::find_if(operands, areRows); rows != operands.end())
    enter(stageOf.lookup(*rows));
  if (hasExits() && failed(checkExits(op)))
    return failure();
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case<WeightOp, AlibiOp, RelativeOp, transformer::YieldOp, scf::YieldOp,
            func::ReturnOp, arith::ConstantOp>(
          [](Operation *) { return success(); })
      .Case([&](scf::ForOp op) { return lowerLoop(op); })
      .Case([&](EmbedOp op) { return lowerEmbed(*this, op); })
      .Case([&](PositionOp op) { return lowerPosition(*this, op); })
      .Case([&](PatchesOp op) { return lowerPatches(*this, op); })
      .Case([&](transformer::TypesOp op) { return lowerTypes(*this, op); })
      .Case([&](InputOp op) { return lowerInput(*this, op); })
      .Case([&](UnfoldOp op) { return lowerUnfold(*this, op); })
      .Case([&](transformer::DepthwiseOp op) {
        return lowerDepthwise(*this, op);
      })
      .Case([&](transformer::ShortConvOp op) {
        return lowerShortConv(*this, op);
      })
      .Case([&](MixOp op) { return lowerMix(*this, op); })
      .Case([&](JoinHeadsOp op) { return lowerJoinHeads(*this, op); })
      .Case([&](QueriesOp op) { return lowerQueries(*this, op); })
      .Case([&](PrependOp op) { return lowerPrepend(*this, op); })
      .Case([&](OutputsOp op) { return lowerOutputs(*this, op); })
      .Case([&](transformer::PoolOp op) { return lowerPool(*this, op); })
      .Case([&](transformer::TapOp op) { return lowerTap(*this, op); })
      .Case([&](ExitOp op) { return lowerExit(op); })
      .Case([&](transformer::NormOp op) { return lowerNorm(*this, op); })
      .Case([&](LinearOp op) { return lowerLinear(*this, op); })
      .Case([&](HeadLinearOp op) { return lowerHeadLinear(*this, op); })
      .Case([&](transformer::RouteOp op) { return lowerRoute(*this, op); })
      .Case([&](ExpertsOp op) { return lowerExperts(op); })
      .Case([&](ActivationOp op) { return lowerActivation(*this, op); })
      .Case([&](RotaryOp op) { return lowerRotary(*this, op); })
      .Case([&](ScaleOp op) { return lowerScale(*this, op); })
      .Case([&](GainOp op) { return lowerGain(*this, op); })
      .Case([&](SoftcapOp op) { return lowerSoftcap(*this, op); })
      .Case<arith::AddFOp, arith::MulFOp>(
          [&](Operation *op) { return lowerBinary(*this, op); })
      .Case([&](transformer::AttentionOp op) {
        return lowerAttention(*this, op);
      })
      .Case([&](CrossAttentionOp op) { return lowerCrossAttention(*this, op); })
      .Case([&](transformer::RandomFeaturesOp op) {
        return lowerRandomFeatures(*this, op);
      })
      .Case([&](transformer::LinearAttentionOp op) {
        return lowerLinearAttention(*this, op);
      })
      .Case([&](transformer::GridAttentionOp op) {
        return lowerGridAttention(*this, op);
      })
      .Case([&](transformer::ScoreAttentionOp op) {
        return lowerScoreAttention(*this, op);
      })
      .Default([](Operation *op) { return op->emitError("has no kernel"); });
}

LogicalResult Lowering::lowerBlock(Block &block) {
  for (Operation &op : block) {
    bool isElsewhere = op.getNumResults() == 1 && areOfMemory(op.getResult(0));
    if (!isElsewhere && failed(lowerOp(&op)))
      return failure();
  }
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

func::FuncOp Lowering::begin(StringRef name) {
  b.setInsertionPoint(model);
  auto function = func::FuncOp::create(
      b, model.getLoc(), name,
      b.getFunctionType({kernel::StepType::get(b.getContext())}, {}));
  Block *entry = function.addEntryBlock();
  stages.push_back({entry->getArgument(0), capacity, context, Value()});
  enter(0);
  b.setInsertionPointToEnd(entry);
  beginExits();
  return function;
}

/// The shape of one input of reals, or of one of its rows; empty where there is
/// no input, null for tokens.
static DenseI64ArrayAttr inputShape(func::FuncOp model) {
  Value input = transformer::inputOf(model);
  if (!input)
    return DenseI64ArrayAttr::get(model.getContext(), {});
  auto shape = cast<RankedTensorType>(input.getType()).getShape();
  return shape.size() == 1
             ? DenseI64ArrayAttr()
             : DenseI64ArrayAttr::get(model.getContext(), shape.drop_front());
}

void Lowering::putOut(Value output) {
  Location loc = model.getLoc();
  auto type = cast<RankedTensorType>(output.getType());
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  Value to = kernel::BufferOp::create(
      b, loc, MemRefType::get(type.getShape(), type.getElementType()),
      kernel::Buffer::Output, step, zero);
  auto place = bufferization::MaterializeInDestinationOp::create(
      b, loc, TypeRange(), output, to);
  place.setRestrict(true);
  place.setWritable(true);
}

void Lowering::end(func::FuncOp function, Value output, kernel::Count count) {
  auto type = cast<RankedTensorType>(output.getType());
  func::ReturnOp::create(b, model.getLoc());
  auto number = [&](StringRef name, int64_t value) {
    function->setAttr(name, b.getI64IntegerAttr(value));
  };
  for (auto [from, to] : {std::pair("transformer.context", "kernel.context"),
                          std::pair("transformer.vocab", "kernel.vocab"),
                          std::pair("transformer.causal", "kernel.causal")})
    if (Attribute value = model->getAttr(from))
      function->setAttr(to, value);
  number("kernel.cache_bytes", cacheUsed);
  number("kernel.rows", stages.front().capacity);
  number("kernel.output_dim", type.getDimSize(1));
  function->setAttr("kernel.taps", b.getArrayAttr(taps));
  if (DenseI64ArrayAttr shape = inputShape(model))
    function->setAttr("kernel.input", shape);
  if (mostSequences < stages.front().capacity)
    number("kernel.max_sequences", mostSequences);
  if (recurrent)
    function->setAttr("kernel.recurrent", b.getUnitAttr());
  describeRows(function);
  function->setAttr("kernel.outputs",
                    kernel::CountAttr::get(b.getContext(), count));
}

/// How many rows come out of how many that go in, where these are not the same.
void Lowering::describeRows(func::FuncOp function) {
  Value result = model.getBody().front().getTerminator()->getOperand(0);
  Value last = transformer::rowsOf(result);
  SmallVector<int64_t> windows;
  bool grid = false;
  for (Value rows = last;
       auto unfold = rows.getDefiningOp<transformer::UnfoldOp>();
       rows = unfold.getRows()) {
    grid |= unfold.getGrid().has_value();
    int64_t sizes[] = {unfold.getSize(), unfold.getStride(), unfold.getPad()};
    windows.insert(windows.begin(), std::begin(sizes), std::end(sizes));
  }
  if (windows.empty())
    return;
  function->setAttr(
      "kernel.max_outputs",
      b.getI64IntegerAttr(stages[stageOf.lookup(result)].capacity));
  if (grid)
    function->setAttr("kernel.rows_made",
                      b.getI64IntegerAttr(transformer::contextOf(last)));
  else
    function->setAttr("kernel.windows", b.getDenseI64ArrayAttr(windows));
}

LogicalResult Lowering::checkResults() const {
  func::FuncOp model = this->model;
  unsigned count = model.getBody().front().getTerminator()->getNumOperands();
  if (count == 1)
    return success();
  return model.emitError("has ") << count << " results, expected 1";
}

LogicalResult Lowering::run() {
  if (failed(findRotations()) || failed(checkResults()))
    return failure();
  Block &body = model.getBody().front();
  OpBuilder::InsertionGuard guard(b);
  findMemory(model);
  func::FuncOp function = begin((model.getName() + "_step").str());
  if (failed(lowerBlock(body)))
    return failure();
  Value result = body.getTerminator()->getOperand(0);
  if (!map.contains(result))
    return model.emitError("returns what no kernel makes");
  if (!hasExits())
    putOut(rows(result));
  else if (failed(endExits(result)))
    return failure();
  end(function, rows(result), countOf(result));
  model.erase();
  return success();
}
