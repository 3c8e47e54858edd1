// The constraints of the ops that their operand types do not say: weights,
// matmuls, maps and norms.
#include "dialects/Kernel/Verify.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace kernel;

static std::string textOf(ArrayRef<int64_t> shape) {
  return llvm::join(llvm::map_range(shape,
                                    [](int64_t n) {
                                      return ShapedType::isDynamic(n)
                                                 ? std::string("?")
                                                 : std::to_string(n);
                                    }),
                    " x ");
}

LogicalResult kernel::verifyDestination(Operation *op, ValueRange inits,
                                        int64_t width) {
  if (inits.size() != 1)
    return op->emitOpError() << "needs 1 destination, has " << inits.size();
  if (widthOf(inits[0]) != width)
    return op->emitOpError() << "destination rows have " << widthOf(inits[0])
                             << " values, expected " << width;
  return success();
}

LogicalResult kernel::verifyFinite(Operation *op, StringRef what,
                                   const APFloat &value) {
  if (value.isFinite())
    return success();
  return op->emitOpError() << what << " is " << value.convertToDouble()
                           << ", not finite";
}

LogicalResult
ScheduleAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                     int64_t rows, int64_t vectors, int64_t lanes, DotAttr) {
  if (rows > 0 && vectors > 0 && lanes > 0)
    return success();
  return emitError() << "a tile of " << rows << " rows x " << vectors
                     << " vectors of " << lanes << " lanes is empty";
}

LogicalResult
CacheAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError, int64_t,
                  int64_t, int64_t, int64_t, Format format) {
  if (format != Format::Int4) // c1
    return success();
  return emitError() << "a cache holds f32, bf16 or int8, not "
                     << stringifyFormat(format);
}

LogicalResult WeightOp::verify() {
  auto parts = getParts().getAsRange<PartAttr>();
  size_t count = getParts().size();
  int64_t panel = getPanel(), align = getAlign(), run = getInterleave();
  if (count == 0) // c1
    return emitOpError("has no parts");
  if (panel < 0 || align < 1 || run < 0) // c2
    return emitOpError() << "cannot be cut into panels of " << panel
                         << " with parts at multiples of " << align
                         << " in runs of " << run;
  int64_t rows = 0, cols = (*parts.begin()).getCols();
  for (PartAttr part : parts) {
    if (part.getCols() != cols) // c3
      return emitOpError() << "part '" << part.getName() << "' has "
                           << part.getCols() << " columns, the first has "
                           << cols;
    rows += llvm::alignTo(part.getRows(), align);
  }
  if (getFormat() != Format::F32 && (panel == 0 || panel % 2 != 0)) // c7
    return emitOpError() << "is stored as " << stringifyFormat(getFormat())
                         << " in panels of " << panel
                         << ", which need an even width";
  if (run && (count != 2 || panel != 2 * run || align != run)) // c4
    return emitOpError() << "alternates runs of " << run << " rows of " << count
                         << " parts at multiples of " << align
                         << " in panels of " << panel;
  SmallVector<int64_t> shape{rows, cols};
  if (panel) {
    rows = llvm::alignTo(rows, panel);
    ArrayRef<int64_t> panels =
        panelType(getContext(), getFormat(), rows / panel, cols, panel)
            .getShape();
    shape.assign(panels.begin(), panels.end());
    if (cols == 1 && getType().getRank() == 1)
      shape = {rows};
  }
  if (getType().getElementType().isF32() != (getFormat() == Format::F32)) // c5
    return emitOpError() << "result is of " << getType().getElementType()
                         << ", stored as " << stringifyFormat(getFormat());
  if (getType().getShape() != ArrayRef(shape)) // c5
    return emitOpError() << "result is " << textOf(getType().getShape())
                         << ", its parts make " << textOf(shape);
  size_t repeats = getRepeats() ? getRepeats()->size() : 0;
  if (getRepeats() && repeats != getIndices().size()) // c6
    return emitOpError() << "has " << getIndices().size() << " indices but "
                         << repeats << " repetitions";
  return success();
}

LogicalResult ParallelForOp::verifySymbolUses(SymbolTableCollection &symbols) {
  Operation *body = symbols.lookupNearestSymbolFrom(*this, getBodyAttr());
  if (!body) // c1
    return emitOpError() << "'" << getBody() << "' names no function";
  auto func = dyn_cast<func::FuncOp>(body);
  if (!func)
    return success();
  SmallVector<Type> types(getCaptures().getTypes());
  types.append(2, IndexType::get(getContext()));
  auto wanted = FunctionType::get(getContext(), types, {});
  if (func.getFunctionType() != wanted) // c2
    return emitOpError() << "'" << getBody() << "' is "
                         << func.getFunctionType() << ", expected " << wanted;
  return success();
}

/// What matmul and map share: their operands and regions.
template <typename Op> static LogicalResult verifyAccesses(Op op) {
  if (op.getAccesses().size() != op.getExtras().size())
    return op.emitOpError()
           << "has " << op.getExtras().size() << " operands but "
           << op.getAccesses().size() << " accesses";
  return success();
}

template <typename Op>
static LogicalResult verifyCache(Op op, Target target, int64_t columns) {
  if (target == Target::Rows)
    return success();
  if (!op.getSlot() || !op.getCache())
    return op.emitOpError(
        "writes a cache and needs a slot and the cache's shape");
  CacheAttr cache = *op.getCache();
  bool keys = target == Target::Keys;
  int64_t dim = keys ? cache.getHeadDim() : cache.getValueDim();
  if (columns != cache.getKvHeads() * dim)
    return op.emitOpError()
           << "writes " << columns << " columns but " << cache.getKvHeads()
           << " heads of " << (keys ? "keys" : "values") << " of " << dim
           << " need " << cache.getKvHeads() * dim;
  return success();
}

/// Only elements and constants reach a region: it is inlined on vectors.
template <typename Op>
static LogicalResult verifyRegion(Op op, Region &region, int64_t first) {
  Block &block = region.front();
  int64_t wanted = first + op.getExtras().size();
  bool floats = llvm::all_of(block.getArgumentTypes(),
                             [](Type type) { return type.isF32(); });
  if (block.getNumArguments() != wanted || !floats)
    return op.emitOpError() << "region takes (" << block.getArgumentTypes()
                            << "), expected " << wanted << " x f32";
  for (Operation &inner : block.without_terminator()) {
    if (!inner.hasTrait<OpTrait::Elementwise>() && !isa<SwapPairsOp>(inner) &&
        !inner.hasTrait<OpTrait::ConstantLike>())
      return op.emitOpError() << "region holds '" << inner.getName()
                              << "', which does not work element by element";
    for (Value operand : inner.getOperands())
      if (operand.getParentRegion() != &region &&
          !matchPattern(operand, m_Constant()))
        return op.emitOpError(
            "region reads a value from outside that is no constant");
  }
  return success();
}

/// The operands that a region reads, for a part of so many columns.
template <typename Op>
static LogicalResult verifyExtras(Op op, Region &region, int64_t first,
                                  int64_t columns) {
  for (auto [i, extra] : llvm::enumerate(op.getExtras())) {
    if (region.getArgument(first + i).use_empty())
      continue;
    Access access = cast<AccessAttr>(op.getAccesses()[i]).getValue();
    int64_t rank = access == Access::Columns ? 1 : 2;
    auto type = cast<ShapedType>(extra.getType());
    if (type.getRank() != rank)
      return op.emitOpError()
             << "operand " << i << " is read by " << stringifyAccess(access)
             << " but has " << type.getRank() << " dimensions";
    int64_t width = type.getDimSize(rank - 1), wanted = columns;
    if (access == Access::Positions)
      wanted = op.getPeriod().value_or(columns);
    if (access == Access::Elements ? width != wanted : width < wanted)
      return op.emitOpError() << "operand " << i << " has " << width
                              << " columns, its region reads " << wanted;
  }
  return success();
}

static LogicalResult verifyNormWeights(Operation *op, NormAttr norm,
                                       ValueRange weights, int64_t width) {
  if (weights.size() > 2)
    return op->emitOpError()
           << "takes at most 2 norm weights, has " << weights.size();
  int64_t group = norm.getGroup();
  if (group < 0 || (group > 0 && width % group != 0))
    return op->emitOpError()
           << "a row of " << width << " values has no even groups of " << group;
  int64_t size = group ? group : width;
  for (Value weight : weights)
    if (dimOf(weight, 0) < size)
      return op->emitOpError() << "norm weight has " << dimOf(weight, 0)
                               << " values but " << size << " are normalised";
  return success();
}

static bool isWords(Value value) {
  return cast<ShapedType>(value.getType()).getElementType().isInteger(32);
}

/// Columns of the rows that a matmul multiplies, as far as words say.
template <class Op> static int64_t columnsOf(Op op) {
  int64_t width = widthOf(op.getInput());
  if (!isWords(op.getInput()))
    return width;
  return op.getFormat() == Format::Bf16 ? width * 2
                                        : width / groupWords * groupColumns;
}

template <class Op> static LogicalResult verifyFormat(Op op) {
  Format format = op.getFormat();
  bool words = isWords(op.getInput());
  bool whole =
      format == Format::Bf16 || widthOf(op.getInput()) % groupWords == 0;
  bool integers = format == Format::Int8 || format == Format::Int4;
  if ((words && (format == Format::F32 || !whole)) ||
      (!words && integers)) // c15
    return op.emitOpError() << "rows of " << op.getInput().getType()
                            << " are not what a weight of "
                            << stringifyFormat(format) << " takes";
  if (integers && !op.getSchedule().getDot()) // c16
    return op.emitOpError("multiplies integers but the schedule does not say "
                          "by which instruction");
  if (isWords(op.getWeight()) == (format == Format::F32)) // c14
    return op.emitOpError() << "weight is " << op.getWeight().getType()
                            << ", not stored as " << stringifyFormat(format);
  return success();
}

static LogicalResult verifyPanels(MatmulOp op) {
  if (failed(verifyFormat(op)))
    return failure();
  auto weight = cast<MemRefType>(op.getWeight().getType());
  int64_t panel = panelOf(op.getFormat(), weight);
  auto wanted = panelType(op.getContext(), op.getFormat(), weight.getDimSize(0),
                          columnsOf(op), panel);
  if (weight.getDimSize(1) != wanted.getDimSize(1)) // c6
    return op.emitOpError()
           << "input rows have " << widthOf(op.getInput())
           << " values but the weight is " << weight.getDimSize(1) << " deep";
  if (weight.getDimSize(2) != wanted.getDimSize(2)) // c14
    return op.emitOpError() << "weight is " << weight << ", not stored as "
                            << stringifyFormat(op.getFormat());
  int64_t accumulators = op.getAccumulators();
  ScheduleAttr schedule = op.getSchedule();
  int64_t vectors = schedule.getVectors();
  if (accumulators > 2 || vectors % accumulators != 0) // c7
    return op.emitOpError() << accumulators << " accumulators cannot share "
                            << vectors << " vectors";
  if (vectors * schedule.getLanes() != panel) // c8
    return op.emitOpError()
           << "weight has panels of " << panel << " but the schedule's "
           << vectors << " vectors of " << schedule.getLanes() << " hold "
           << vectors * schedule.getLanes();
  int64_t panels = 0;
  for (int64_t columns : op.getColumns())
    panels += llvm::divideCeil(columns, panel / accumulators);
  if (dimOf(op.getWeight(), 0) != panels) // c9
    return op.emitOpError() << "weight has " << dimOf(op.getWeight(), 0)
                            << " panels but the columns fill " << panels;
  return success();
}

static LogicalResult verifyPrologue(MatmulOp op) {
  int64_t width = widthOf(op.getInput());
  if (!op.getNorm()) // c10
    return op.getNormWeights().empty()
               ? success()
               : op.emitOpError("has norm weights but no norm");
  if (widthOf(op.getInits()[0]) != width) // c11
    return op.emitOpError()
           << "normalised rows have " << widthOf(op.getInits()[0])
           << " values but input rows have " << width;
  return verifyNormWeights(op, *op.getNorm(), op.getNormWeights(), width);
}

LogicalResult MatmulOp::verify() {
  size_t parts = getColumns().size();
  if (parts == 0 || getParts().size() != parts ||
      getTargets().size() != parts) // c1
    return emitOpError() << "has " << parts << " parts but "
                         << getParts().size() << " regions and "
                         << getTargets().size() << " targets";
  if (failed(verifyAccesses(*this))) // c2
    return failure();
  auto targets = llvm::map_to_vector(getTargets(), [](Attribute target) {
    return cast<TargetAttr>(target).getValue();
  });
  size_t first = getNorm() ? 1 : 0;
  size_t wanted = llvm::count(targets, Target::Rows) + first;
  if (getInits().size() != wanted) // c3
    return emitOpError() << "needs " << wanted << " destinations, has "
                         << getInits().size();
  if (failed(verifyPanels(*this)) || failed(verifyPrologue(*this)))
    return failure();
  for (auto [region, target, columns] :
       llvm::zip(getParts(), targets, getColumns())) {
    if (failed(verifyCache(*this, target, columns))) // c4
      return failure();
    if (target != Target::Rows && getCache()->getFormat() == Format::Int8) // c4
      return emitOpError(
          "writes tiles into a cache of int8, where the scale of "
          "a head needs all of it");
    if (failed(verifyRegion(*this, region, getAccumulators())) ||        // c5
        failed(verifyExtras(*this, region, getAccumulators(), columns))) // c12
      return failure();
    if (target != Target::Rows)
      continue;
    if (int64_t width = widthOf(getInits()[first++]); width != columns) // c13
      return emitOpError() << "destination rows have " << width
                           << " values but the part has " << columns
                           << " columns";
  }
  return success();
}

int64_t HeadMatmulOp::outputs() {
  return widthOf(getInits()[0]) / int64_t(getHeads());
}

int64_t HeadMatmulOp::stride() {
  return widthOf(getInput()) / int64_t(getHeads());
}

LogicalResult HeadMatmulOp::verify() {
  int64_t heads = getHeads(), depth = getDepth(), columns = columnsOf(*this);
  if (getInits().size() != 1)
    return emitOpError() << "needs 1 destinations, has " << getInits().size();
  for (int64_t width : {columns, widthOf(getInits()[0])})
    if (width % heads != 0) // c1
      return emitOpError() << heads << " heads cannot share " << width
                           << " columns evenly";
  if (columns / heads < depth) // c2
    return emitOpError() << "heads of " << columns / heads
                         << " columns meet a weight of " << depth;
  if (failed(verifyFormat(*this))) // c5
    return failure();
  int64_t unit = !isWords(getInput())          ? 1
                 : getFormat() == Format::Bf16 ? 2
                                               : groupColumns;
  if (columns / heads % unit != 0) // c6
    return emitOpError() << "heads of " << columns / heads
                         << " columns begin inside of words for " << unit;
  int64_t panel = getSchedule().getVectors() * getSchedule().getLanes();
  auto wanted =
      panelType(getContext(), getFormat(),
                heads * llvm::divideCeil(outputs(), panel), depth, panel);
  if (getWeight().getType() != wanted) // c3, c4
    return emitOpError() << "weight is " << getWeight().getType() << ", not "
                         << wanted;
  return success();
}

LogicalResult MapOp::verify() {
  if (failed(verifyAccesses(*this))) // c1
    return failure();
  size_t wanted = getTarget() == Target::Rows ? 1 : 0;
  if (getInits().size() != wanted) // c2
    return emitOpError() << "needs " << wanted << " destinations, has "
                         << getInits().size();
  int64_t columns = getColumns();
  if (failed(verifyCache(*this, getTarget(), columns)) || // c3
      failed(verifyRegion(*this, getBody(), 1)) ||        // c4
      failed(verifyExtras(*this, getBody(), 1, columns))) // c5
    return failure();
  for (Value rows : {getInput(), wanted ? getInits()[0] : getInput()})
    if (widthOf(rows) != columns) // c6
      return emitOpError() << "rows have " << widthOf(rows) << " values but "
                           << columns << " columns are mapped";
  return success();
}

LogicalResult QuantiseOp::verify() {
  if (getFormat() == Format::F32) // c1
    return emitOpError("has nothing to do for weights of f32");
  return verifyDestination(*this, getInits(),
                           wordsOf(getFormat(), widthOf(getInput()))); // c2
}

LogicalResult NormOp::verify() {
  int64_t width = widthOf(getInput());
  if (failed(verifyNormWeights(*this, getNorm(), getNormWeights(),
                               width))) // c1, c2, c3
    return failure();
  return verifyDestination(*this, getInits(), width); // c4
}
