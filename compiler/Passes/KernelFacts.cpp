// Sizes and operations of a kernel, read off its operands and attributes.
#include "compiler/Passes/KernelFacts.h"

#include "llvm/ADT/TypeSwitch.h"

#include <fmt/format.h>

using namespace mlir;
using namespace kernel;
using passes::KernelFacts;

static int64_t bytesOf(Type type) {
  auto shaped = cast<ShapedType>(type);
  return shaped.getNumElements() * shaped.getElementTypeBitWidth() / 8;
}

static int64_t widthOf(Value rows) {
  return cast<ShapedType>(rows.getType()).getShape().back();
}

/// Bytes of a row of each value that is read or written row by row.
static int64_t rowBytes(ValueRange values) {
  int64_t bytes = 0;
  for (Value value : values)
    bytes += widthOf(value) *
             cast<ShapedType>(value.getType()).getElementTypeBitWidth() / 8;
  return bytes;
}

static SmallVector<Value> elementsOf(ValueRange extras, ArrayAttr accesses) {
  SmallVector<Value> result;
  for (auto [extra, access] : llvm::zip(extras, accesses))
    if (cast<AccessAttr>(access).getValue() != Access::Columns)
      result.push_back(extra);
  return result;
}

template <class Op> static bool readsFloats(Op op) {
  auto type = cast<ShapedType>(op.getInput().getType());
  return isa<FloatType>(type.getElementType());
}

/// Columns of the weight; of weights in groups, as many as the groups hold.
static int64_t depthOf(MatmulOp op) {
  if (readsFloats(op))
    return widthOf(op.getInput());
  int64_t words = cast<ShapedType>(op.getWeight().getType()).getDimSize(1);
  return op.getFormat() == Format::Bf16 ? 2 * words : groupColumns * words;
}

/// Of rows by a weight, of which `columns` come out.
template <class Op>
static void readProduct(Op op, int64_t columns, KernelFacts &facts) {
  facts.count = op.getCount();
  facts.pairs = op.getFormat() == Format::Bf16 && !readsFloats(op);
  if (DotAttr dot = op.getSchedule().getDot())
    facts.dot = dot.getValue();
  facts.weightBytes = bytesOf(op.getWeight().getType());
  facts.rowBytes = rowBytes(op.getInput()) + columns * 4;
}

static void read(MatmulOp op, KernelFacts &facts) {
  int64_t depth = depthOf(op), columns = 0;
  for (int64_t part : op.getColumns())
    columns += part;
  readProduct(op, columns, facts);
  facts.shape = fmt::format("{} x {} {}", depth, columns * op.getAccumulators(),
                            stringifyFormat(op.getFormat()).str());
  facts.rowFlops = 2 * depth * columns * op.getAccumulators();
  facts.rowBytes += rowBytes(elementsOf(op.getExtras(), op.getAccesses()));
}

static void read(HeadMatmulOp op, KernelFacts &facts) {
  int64_t columns = op.outputs() * int64_t(op.getHeads());
  readProduct(op, columns, facts);
  facts.shape =
      fmt::format("{} heads of {} x {} {}", op.getHeads(), op.getDepth(),
                  op.outputs(), stringifyFormat(op.getFormat()).str());
  facts.rowFlops = 2 * op.getDepth() * columns;
}

/// As if no window were cut by an edge; each reads one row more than the last.
static void read(DepthwiseOp op, KernelFacts &facts) {
  int64_t columns = widthOf(op.getInput()), places = op.getWindows().places();
  facts.shape = fmt::format("{} by {} places", columns, places);
  facts.weightBytes = bytesOf(op.getWeight().getType());
  facts.rowFlops = 2 * places * columns;
  facts.rowBytes = rowBytes(op.getInput()) + rowBytes(op.getInits());
}

static void read(ShortConvOp op, KernelFacts &facts) {
  int64_t columns = widthOf(op.getInput());
  facts.shape = fmt::format("{} by {} rows", columns, op.depth());
  facts.weightBytes = bytesOf(op.getWeight().getType());
  facts.rowFlops = 2 * op.depth() * columns;
  facts.rowBytes = rowBytes(op.getInput()) + rowBytes(op.getInits());
}

template <class Op> static void readAttention(Op op, KernelFacts &facts) {
  CacheAttr cache = op.getCache();
  int64_t dims = cache.getHeadDim() + cache.getValueDim();
  facts.shape = fmt::format("{} heads of {}, {} of keys", op.getHeads(),
                            cache.getHeadDim(), cache.getKvHeads());
  facts.source = op.getMask() == Mask::Source;
  facts.causal = op.getMask() == Mask::Causal ||
                 op.getMask() == Mask::Prefix; // which may see some more
  facts.rowBytes =
      rowBytes(op.getQuery()) + rowBytes(op.getInits().take_front());
  facts.pairFlops = 2 * op.getHeads() * dims;
  facts.keyBytes = cache.getKvHeads() * dims * cache.elementBytes();
  if (cache.getFormat() == Format::Int8)
    facts.keyBytes += 2 * cache.getKvHeads() * 4; // scales
}

static void read(ScoreAttentionOp op, KernelFacts &facts) {
  readAttention(op, facts);
}

static void read(AttentionOp op, KernelFacts &facts) {
  readAttention(op, facts);
  if (!op.getWindow())
    return;
  int64_t before = *op.getWindow() - 1, segment = op.getSegment().value_or(1);
  facts.window = op.getSinks().value_or(0) + before + segment;
  if (op.getMask() == Mask::None)
    facts.window += before;
  if (op.getRandom())
    facts.window += op.getRandom()->getSegments() * segment;
}

static void read(RandomFeaturesOp op, KernelFacts &facts) {
  int64_t heads = op.getHeads(), features = op.features();
  facts.shape =
      fmt::format("{} heads of {}, {} features", heads, op.headDim(), features);
  facts.count = op.getCount();
  facts.rowFlops = 2 * heads * op.headDim() * features;
  facts.rowBytes = rowBytes(op.getInput()) + rowBytes(op.getInits());
  facts.weightBytes = bytesOf(op.getWeight().getType());
}

/// The sums take each row once, and answer it before with the delta rule; each
/// head reads them once.
static void read(LinearAttentionOp op, KernelFacts &facts) {
  StateAttr state = op.getState();
  int64_t heads = op.getHeads(), groups = state.getKvHeads();
  int64_t cells = state.getHeadDim() * state.getValueDim();
  facts.shape = fmt::format("{} heads of {}, {} of keys", heads,
                            state.getHeadDim(), groups);
  facts.rowFlops = 2 * (heads + groups * (op.getDelta() ? 2 : 1)) * cells;
  facts.rowBytes = rowBytes({op.getQuery(), op.getKey(), op.getValue()}) +
                   rowBytes(op.getInits()) + 2 * state.bytes();
}

/// As if no tile were cut by the grid's edges.
static void read(GridAttentionOp op, KernelFacts &facts) {
  int64_t heads = op.getHeads(), tile = op.getTile();
  facts.shape = fmt::format("{} heads of {}, tiles of {} x {}", heads,
                            op.headDim(), tile, tile);
  facts.rowFlops = 2 * tile * tile * heads * (op.headDim() + op.valueDim());
  facts.rowBytes = rowBytes({op.getQuery(), op.getKey(), op.getValue()}) +
                   rowBytes(op.getInits());
  if (op.getBias())
    facts.weightBytes = bytesOf(op.getBias().getType());
}

static KernelFacts factsOf(Operation *op) {
  KernelFacts facts;
  facts.name = nameOf(op);
  facts.kind = op->getName().stripDialect();
  facts.count = Count::Rows;
  ValueRange inits = cast<DestinationStyleOpInterface>(op).getDpsInits();
  if (!inits.empty())
    facts.shape = fmt::format("{}", widthOf(inits.back()));
  llvm::TypeSwitch<Operation *>(op)
      .Case<MatmulOp, HeadMatmulOp, DepthwiseOp, ShortConvOp, AttentionOp,
            ScoreAttentionOp, RandomFeaturesOp, LinearAttentionOp,
            GridAttentionOp>([&](auto op) { read(op, facts); })
      // Their bytes are those that the caller wants.
      .Case([&](TapOp op) {
        facts.shape = fmt::format("{}", op.getTap().width());
      })
      .Case([&](TapWeightsOp op) {
        facts.shape = fmt::format("{} heads of {} rows", op.getTap().getHeads(),
                                  op.getTap().getColumns());
      })
      .Case([&](NormOp op) {
        facts.count = op.getCount();
        facts.rowBytes = rowBytes(op.getInput()) + rowBytes(inits);
        for (Value weight : op.getNormWeights())
          facts.weightBytes += bytesOf(weight.getType());
      })
      .Case([&](QuantiseOp op) {
        facts.count = op.getCount();
        facts.shape = fmt::format("{}", widthOf(op.getInput()));
        facts.rowBytes = rowBytes(op.getInput()) + rowBytes(inits);
      })
      .Case([&](MapOp op) {
        facts.count = op.getCount();
        facts.shape = fmt::format("{}", op.getColumns());
        facts.rowBytes = rowBytes(op.getInput()) + op.getColumns() * 4 +
                         rowBytes(elementsOf(op.getExtras(), op.getAccesses()));
      })
      .Default([&](Operation *op) {
        facts.count = isa<GatherOp>(op)                ? Count::Outputs
                      : isa<PoolOp>(op)                ? Count::Sequences
                      : isa<TakeRowsOp, AddRowsOp>(op) ? Count::Chosen
                                                       : Count::Rows;
        facts.rowBytes = 2 * rowBytes(inits);
      });
  if (auto schedule = op->getAttrOfType<ScheduleAttr>("schedule"))
    facts.schedule = fmt::format("{} x {} x {}", schedule.getRows(),
                                 schedule.getVectors(), schedule.getLanes());
  return facts;
}

std::vector<KernelFacts> passes::factsOf(ModuleOp module) {
  std::vector<KernelFacts> list;
  module.walk([&](Operation *op) {
    if (isKernel(op))
      list.push_back(::factsOf(op));
  });
  return list;
}
