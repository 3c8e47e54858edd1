// The constraints of the ops that their operand types do not say.
#include "dialects/Kernel/Kernel.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace kernel;

static int64_t dimOf(Value value, unsigned dim) {
  return cast<ShapedType>(value.getType()).getDimSize(dim);
}

static int64_t widthOf(Value rows) { return dimOf(rows, 1); }

static std::string textOf(ArrayRef<int64_t> shape) {
  return llvm::join(llvm::map_range(shape,
                                    [](int64_t n) {
                                      return ShapedType::isDynamic(n)
                                                 ? std::string("?")
                                                 : std::to_string(n);
                                    }),
                    " x ");
}

/// The one destination of an op and its width.
static LogicalResult verifyDestination(Operation *op, ValueRange inits,
                                       int64_t width) {
  if (inits.size() != 1)
    return op->emitOpError() << "needs 1 destination, has " << inits.size();
  if (widthOf(inits[0]) != width)
    return op->emitOpError() << "destination rows have " << widthOf(inits[0])
                             << " values, expected " << width;
  return success();
}

static LogicalResult verifyTable(Operation *op, Value table, ValueRange inits) {
  return verifyDestination(op, inits, widthOf(table));
}

static LogicalResult verifyFinite(Operation *op, StringRef what,
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
static int64_t columnsOf(MatmulOp op) {
  int64_t width = widthOf(op.getInput());
  if (!isWords(op.getInput()))
    return width;
  return op.getFormat() == Format::Bf16 ? width * 2
                                        : width / groupWords * groupColumns;
}

static LogicalResult verifyFormat(MatmulOp op) {
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

static LogicalResult verifyPartials(AttentionOp op) {
  if (op.getInits().size() == 1)
    return success();
  if (op.getInits().size() > 2)
    return op.emitOpError()
           << "needs 1 or 2 destinations, has " << op.getInits().size();
  int64_t rows =
      AttentionOp::partialRows * AttentionOp::chunksOf(op.getCache());
  int64_t width = op.getHeads() * AttentionOp::partialWidth(op.getCache());
  Value partials = op.getInits()[1];
  if (dimOf(partials, 0) == rows && widthOf(partials) == width)
    return success();
  return op.emitOpError() << "partial results are " << dimOf(partials, 0)
                          << " x " << widthOf(partials) << ", expected " << rows
                          << " x " << width;
}

/// Constraints c1 and c2 of all kinds of attention.
template <class Op> static LogicalResult verifyQueries(Op op) {
  CacheAttr cache = op.getCache();
  int64_t heads = op.getHeads(), kvHeads = cache.getKvHeads();
  if (kvHeads <= 0 || heads % kvHeads != 0) // c1
    return op.emitOpError() << heads << " heads cannot share " << kvHeads
                            << " heads of keys evenly";
  if (widthOf(op.getQuery()) != heads * cache.getHeadDim()) // c2
    return op.emitOpError()
           << "query rows have " << widthOf(op.getQuery()) << " values but "
           << heads << " heads of " << cache.getHeadDim() << " need "
           << heads * cache.getHeadDim();
  return success();
}

/// Constraints c1 to c4 of those that make rows.
template <class Op> static LogicalResult verifyHeads(Op op, OperandRange rows) {
  if (failed(verifyQueries(op)) ||
      failed(verifyDestination(
          op, rows, op.getHeads() * op.getCache().getValueDim()))) // c3
    return failure();
  int64_t wide = op.getSchedule().getVectors() * op.getSchedule().getLanes();
  if (CacheAttr::block % wide != 0) // c4
    return op.emitOpError() << "a block of " << CacheAttr::block
                            << " keys has no even tiles of " << wide;
  return success();
}

template <class Op> static LogicalResult verifyOwnRows(Op op) {
  if (op.getMask() == Mask::Prefix)
    return op.emitOpError("has a prefix, which kernel.attention alone has");
  if (op.getMask() != Mask::Source)
    return success();
  return op.emitOpError(
      "sees the rows of a source, which kernel.attention does");
}

LogicalResult LinearAttentionOp::verify() {
  StateAttr state = getState();
  int64_t heads = getHeads(), kvHeads = state.getKvHeads();
  if (kvHeads <= 0 || heads % kvHeads != 0) // c1
    return emitOpError() << heads << " heads cannot share " << kvHeads
                         << " heads of keys evenly";
  for (auto [what, rows, width] :
       {std::tuple("query", getQuery(), heads * state.getHeadDim()),
        std::tuple("key", getKey(), kvHeads * state.getHeadDim()),
        std::tuple("value", getValue(), kvHeads * state.getValueDim())})
    if (widthOf(rows) != width) // c2
      return emitOpError() << what << " rows have " << widthOf(rows)
                           << " values, the state needs " << width;
  if (failed(verifyOwnRows(*this))) // c4
    return failure();
  return verifyDestination(*this, getInits(),
                           heads * state.getValueDim()); // c3
}

LogicalResult ScoreAttentionOp::verify() {
  if (failed(verifyHeads(*this, getInits())))
    return failure();
  if (getHidden() < 0) // c5
    return emitOpError() << "hides " << getHidden() << " rows";
  if (getHidden() && getMask() != Mask::None) // c5
    return emitOpError("hides rows at the end but has a causal mask");
  if (failed(verifyOwnRows(*this))) // c7
    return failure();
  return verifyFinite(*this, "scale", getScale()); // c6
}

template <class Op> static LogicalResult verifyBias(Op op) {
  if (!op.getBias())
    return op.getZero() ? op.emitOpError("has a zero but no bias") : success();
  auto type = cast<MemRefType>(op.getBias().getType());
  if (type.getDimSize(0) != int64_t(op.getHeads()))
    return op.emitOpError() << "bias has " << type.getDimSize(0) << " rows for "
                            << op.getHeads() << " heads";
  constexpr int64_t vector = 16;
  int64_t zero = op.getZero().value_or(0), columns = type.getDimSize(1);
  if (zero < vector || zero >= columns - vector)
    return op.emitOpError()
           << "bias has " << columns << " columns and its zero at " << zero
           << ", expected " << vector << " columns before and behind it";
  return success();
}

template <class Op> static LogicalResult verifyWindow(Op op) {
  int64_t window = op.getWindow().value_or(1);
  if (window <= 0)
    return op.emitOpError() << "window is " << window << ", not positive";
  if (op.getWindow() && op.getMask() != Mask::Causal)
    return op.emitOpError("has a window but no causal mask");
  return success();
}

LogicalResult AttentionOp::verify() {
  if (failed(verifyHeads(*this, getInits().take_front())) ||
      failed(verifyPartials(*this)) || // c3
      failed(verifyWindow(*this)))     // c5
    return failure();
  if (getMask() == Mask::Source && getInits().size() > 1) // c8
    return emitOpError("has partial results but the mask source");
  if (getMask() == Mask::Source && getBias()) // c8
    return emitOpError("has a bias by position but the mask source");
  int64_t sinks = getSinks().value_or(1);
  if (sinks <= 0 || sinks > chunkBlocks * CacheAttr::block) // c5
    return emitOpError() << "sinks are " << sinks << ", not from 1 to "
                         << chunkBlocks * CacheAttr::block;
  if (getSinks() && !getWindow()) // c5
    return emitOpError("has sinks but no window");
  if (auto cap = getSoftcap();
      cap && (!cap->isFinite() || cap->convertToDouble() <= 0)) // c6
    return emitOpError() << "softcap is " << cap->convertToDouble()
                         << ", not a finite number above 0";
  if (failed(verifyBias(*this))) // c7
    return failure();
  return verifyFinite(*this, "scale", getScale()); // c6
}

LogicalResult EmbedOp::verify() {
  auto table = cast<MemRefType>(getTable().getType());
  int64_t rank = table.getRank();
  if (rank != 2 && rank != 3) // c1
    return emitOpError() << "table has " << rank
                         << " dimensions, expected 2, or 3 in panels";
  Format format = getFormat();
  if (table.getElementType().isF32() != (format == Format::F32) ||
      (format != Format::F32 && rank != 3)) // c4
    return emitOpError() << "table is " << table << ", not stored as "
                         << stringifyFormat(format);
  if (format == Format::F32) {
    if (failed(verifyDestination(*this, getInits(),
                                 table.getDimSize(1)))) // c2
      return failure();
  } else if (getInits().size() != 1) {
    return verifyDestination(*this, getInits(), 0);
  } else {
    int64_t width = widthOf(getInits()[0]);
    int64_t deep = panelType(getContext(), format, 1, width, 2).getDimSize(1);
    if (table.getDimSize(1) != deep) // c2
      return emitOpError() << "destination rows of " << width << " values are "
                           << deep << " deep in " << stringifyFormat(format)
                           << ", the table is " << table.getDimSize(1);
  }
  return verifyFinite(*this, "scale", getScale()); // c3
}

LogicalResult PatchesOp::verify() {
  ArrayRef<int64_t> image = getImage();
  if (image.size() != 3 ||
      llvm::any_of(image, [](int64_t n) { return n <= 0; })) // c1
    return emitOpError() << "image is [" << image
                         << "], expected channels, height and width";
  int64_t size = getSize();
  if (image[1] % size != 0 || image[2] % size != 0) // c2
    return emitOpError() << "images of " << image[1] << " x " << image[2]
                         << " cannot be cut evenly into patches of " << size
                         << " x " << size;
  if (int64_t skip = getSkip(); skip < 0) // c3
    return emitOpError() << "skips " << skip << " rows, expected 0 or more";
  return verifyDestination(*this, getInits(), image[0] * size * size); // c4
}

LogicalResult PrependOp::verify() {
  return verifyTable(*this, getTable(), getInits()); // c1
}

LogicalResult GatherOp::verify() {
  return verifyDestination(*this, getInits(), widthOf(getInput())); // c1
}

LogicalResult PoolOp::verify() {
  return verifyDestination(*this, getInits(), widthOf(getInput())); // c1
}

LogicalResult RowTapOp::verify() {
  TapAttr tap = getTap();
  int64_t shape[] = {tap.getRounds(), tap.width()};
  if (getType().getShape() != ArrayRef(shape)) // c1
    return emitOpError() << "is " << getType() << ", expected " << shape[0]
                         << " x " << shape[1];
  return success();
}

LogicalResult TapOp::verify() {
  if (widthOf(getInput()) != getTap().width()) // c1
    return emitOpError() << "rows have " << widthOf(getInput())
                         << " values, the tap says " << getTap().width();
  return success();
}

LogicalResult TapWeightsOp::verify() {
  if (failed(verifyQueries(*this))) // c1, c2
    return failure();
  int64_t heads = getHeads(), keys = getTap().getColumns();
  int64_t most = getCache().getBlocks() * CacheAttr::block;
  if (getTap().getHeads() != heads || keys <= 0 || keys > most) // c3
    return emitOpError() << "the tap has " << getTap().getHeads()
                         << " heads with weights of " << keys
                         << " rows, expected " << heads << " of 1 to " << most;
  if (failed(verifyWindow(*this)) ||                      // c4
      failed(verifyFinite(*this, "scale", getScale())) || // c6
      failed(verifyOwnRows(*this)))                       // c7
    return failure();
  return verifyBias(*this); // c5
}

LogicalResult JoinHeadsOp::verify() {
  int64_t own = widthOf(getOwn()), heads = getHeads();
  if (own % heads != 0) // c1
    return emitOpError() << heads << " heads cannot share " << own
                         << " columns evenly";
  return verifyDestination(*this, getInits(),
                           own + heads * widthOf(getShared())); // c2
}

LogicalResult RouteOp::verify() {
  int64_t columns = widthOf(getScores()), groups = getGroups();
  int64_t taken = getTopGroups(), chosen = getTopK();
  if (groups < 1 || columns % groups != 0 || taken < 1 || taken > groups) // c4
    return emitOpError() << "chooses " << taken << " of " << groups
                         << " groups of " << columns << " experts";
  if (getTwoBest() && columns == groups) // c6
    return emitOpError("has no two best in groups of 1");
  int64_t left = columns / groups * taken;
  if (chosen < 1 || chosen > left) // c1
    return emitOpError() << "chooses " << chosen << " of " << left
                         << " experts";
  if (getCorrection() && dimOf(getCorrection(), 0) < columns) // c5
    return emitOpError() << "correction has " << dimOf(getCorrection(), 0)
                         << " values for " << columns << " experts";
  size_t destinations = compares() ? 2 : 1;
  if (getInits().size() != destinations) // c2
    return emitOpError() << "needs " << destinations << " destinations, has "
                         << getInits().size();
  for (Value init : getInits())
    if (failed(verifyDestination(*this, init, columns))) // c2
      return failure();
  return verifyFinite(*this, "scale", getScale()); // c3
}

LogicalResult ListRowsOp::verify() {
  if (failed(
          verifyDestination(*this, getInits(), dimOf(getGates(), 0) + 1))) // c1
    return failure();
  if (dimOf(getInits()[0], 0) != widthOf(getGates())) // c1
    return emitOpError() << "has " << dimOf(getInits()[0], 0) << " lists for "
                         << widthOf(getGates()) << " experts";
  return success();
}

LogicalResult TakeRowsOp::verify() {
  return verifyDestination(*this, getInits(), widthOf(getInput())); // c1
}

LogicalResult AddRowsOp::verify() {
  return verifyDestination(*this, getInits(), widthOf(getInput())); // c1
}
