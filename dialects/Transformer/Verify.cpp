// The constraints of the ops that their operand types do not say.
#include "dialects/Transformer/Transformer.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/SmallSet.h"

#include <cmath>

using namespace mlir;
using namespace transformer;

/// The encoder makes the rows that its decoder takes last.
static LogicalResult verifyEncoder(Operation *op, Attribute value) {
  auto decoder = dyn_cast<func::FuncOp>(op);
  auto name = dyn_cast<FlatSymbolRefAttr>(value);
  if (!decoder || !name)
    return op->emitError() << "'" << encoderAttrName
                           << "' names the encoder of a function";
  func::FuncOp encoder = encoderOf(decoder);
  if (!encoder)
    return op->emitError() << "has no encoder " << name;
  FunctionType type = decoder.getFunctionType();
  unsigned inputs = type.getNumInputs();
  if ((inputs != 3 && inputs != 4) || !isa<RowsType>(type.getInput(0)) ||
      !isa<RowsType>(type.getInput(inputs - 2)))
    return op->emitError() << "takes " << type.getInputs()
                           << ", not its rows and input, if any, and then the "
                              "rows and the result of its encoder";
  if (encoder.getFunctionType().getResults() != type.getInputs().take_back())
    return op->emitError() << "takes " << type.getInput(inputs - 1)
                           << " of its encoder, which returns "
                           << encoder.getFunctionType().getResults();
  return success();
}

/// The attributes of models.
LogicalResult
TransformerDialect::verifyOperationAttribute(Operation *op,
                                             NamedAttribute attribute) {
  StringRef name = attribute.getName().strref();
  Attribute value = attribute.getValue();
  if (name == "transformer.causal" || name == "transformer.prefix")
    return isa<UnitAttr>(value)
               ? success()
               : op->emitError() << "'" << name << "' takes no value";
  if (name == encoderAttrName)
    return verifyEncoder(op, value);
  if (name != "transformer.context" && name != "transformer.vocab")
    return op->emitError() << "'" << name << "' is no attribute of models";
  auto number = dyn_cast<IntegerAttr>(value);
  if (!number || !number.getType().isInteger(64) || number.getInt() <= 0)
    return op->emitError() << "'" << name << "' is " << value
                           << ", not a positive i64";
  return success();
}

static int64_t widthOf(TypedValue<RankedTensorType> matrix) {
  return matrix.getType().getDimSize(1);
}

LogicalResult WeightOp::verify() {
  StringRef name = getName();
  if (name.empty()) /*c1*/
    return emitOpError("needs a name");
  llvm::SmallSet<char, 4> letters;
  for (size_t at = 0; at + 2 < name.size(); ++at)
    if (name[at] == '{' && name[at + 2] == '}')
      letters.insert(name[at + 1]);
  if (letters.size() != getIndices().size()) /*c2*/
    return emitOpError() << "'" << name << "' has " << letters.size()
                         << " letters in braces but there are "
                         << getIndices().size() << " indices";
  if (getFormat() && getType().getRank() != 2) /*c3*/
    return emitOpError() << "'" << name << "' is a vector, which has no format "
                         << "such as " << stringifyFormat(*getFormat());
  return success();
}

LogicalResult EmbedOp::verify() {
  if (!std::isfinite(getScale())) /*c1*/
    return emitOpError() << "scale is " << getScale() << ", not finite";
  return success();
}

static LogicalResult verifyTable(Operation *op, int64_t width, int64_t table) {
  if (width != table)
    return op->emitOpError() << "rows of the table have " << table
                             << " values but rows of x have " << width;
  return success();
}

LogicalResult PositionOp::verify() {
  if (getFirst() < 0) /*c3*/
    return emitOpError() << "counts from " << getFirst() << ", not from 0 up";
  if (getTable()) {
    if (getHalves() || getInclusive() || getFirst()) /*c2*/
      return emitOpError("says how to count but has a table");
    return verifyTable(*this, widthOf(getX()), widthOf(getTable())); /*c1*/
  }
  if (widthOf(getX()) % 2 || (getInclusive() && widthOf(getX()) == 2)) /*c4*/
    return emitOpError() << "has no sinusoids for rows of " << widthOf(getX())
                         << " values";
  return success();
}

LogicalResult TypesOp::verify() {
  return verifyTable(*this, widthOf(getX()), widthOf(getTable())); /*c1*/
}

LogicalResult PrependOp::verify() {
  return verifyTable(*this, widthOf(getX()), widthOf(getTable())); /*c1*/
}

static LogicalResult verifyWindows(Operation *op, const Windows &windows) {
  if (windows.size > 0 && windows.stride > 0 && windows.pad >= 0 &&
      windows.pad < windows.size)
    return success();
  return op->emitOpError() << "has no windows of size " << windows.size
                           << ", stride " << windows.stride << " and pad "
                           << windows.pad;
}

LogicalResult PatchesOp::verify() {
  auto shape = getImages().getType().getShape();
  int64_t height = shape[2], width = shape[3], size = getSize();
  Windows windows = this->windows();
  if (getStride() || getPad()) {
    if (failed(verifyWindows(*this, windows))) /*c3*/
      return failure();
    if (windows.on(height) == 0 || windows.on(width) == 0) /*c4*/
      return emitOpError() << "patches of " << size << " do not fit images of "
                           << height << " x " << width << " with a pad of "
                           << windows.pad;
    return success();
  }
  if (height % size != 0 || width % size != 0) /*c2*/
    return emitOpError() << "images of " << height << " x " << width
                         << " cannot be cut evenly into patches of " << size
                         << " x " << size;
  return success();
}

LogicalResult NormOp::verify() {
  if (!std::isfinite(getEps()) || getEps() < 0) /*c1*/
    return emitOpError() << "eps is " << getEps()
                         << ", not a finite number from 0 up";
  int64_t width = widthOf(getX()), group = getGroup();
  if (group < 0 || (group > 0 && width % group != 0)) /*c2*/
    return emitOpError() << "a row of " << width
                         << " values has no even groups of " << group;
  int64_t size = group ? group : width;
  for (auto [what, vector] :
       {std::pair("weight", getWeight()), std::pair("bias", getBias())})
    if (vector && vector.getType().getDimSize(0) != size) /*c3*/
      return emitOpError() << what << " has " << vector.getType().getDimSize(0)
                           << " values but " << size << " are normalised";
  if (getBias() && !getWeight()) /*c4*/
    return emitOpError("has a bias but no weight");
  return success();
}

LogicalResult UnfoldOp::verify() {
  if (failed(verifyWindows(*this, windows()))) /*c1*/
    return failure();
  if (auto made = getX().getDefiningOp<UnfoldOp>();
      made && !made.windows().keeps() && getRows() != made.getMade()) /*c4*/
    return emitOpError("takes other rows than those that x is made of");
  if (!getGrid())
    return success();
  ArrayRef<int64_t> grid = *getGrid();
  if (grid.size() != 2 || grid[0] <= 0 || grid[1] <= 0) /*c2*/
    return emitOpError() << "has a grid of [" << grid
                         << "], expected lines and columns";
  if (windows().on(grid[0]) == 0 || windows().on(grid[1]) == 0) /*c3*/
    return emitOpError() << "windows of " << getSize()
                         << " do not fit a grid of " << grid[0] << " x "
                         << grid[1] << " with a pad of " << getPad();
  return success();
}

LogicalResult TapOp::verify() {
  if (getName().empty()) /*c1*/
    return emitOpError("needs a name");
  if (auto heads = getHeads();
      heads && (*heads <= 0 || widthOf(getX()) % *heads != 0)) /*c2*/
    return emitOpError() << "a row of " << widthOf(getX())
                         << " values has no even " << *heads << " heads";
  return success();
}

LogicalResult LinearOp::verify() {
  int64_t outputs = getWeight().getType().getDimSize(0);
  if (widthOf(getX()) != widthOf(getWeight())) /*c1*/
    return emitOpError() << "rows of x have " << widthOf(getX())
                         << " values but rows of the weight have "
                         << widthOf(getWeight());
  if (getBias() && getBias().getType().getDimSize(0) != outputs) /*c2*/
    return emitOpError() << "bias has " << getBias().getType().getDimSize(0)
                         << " values but the weight has " << outputs << " rows";
  return success();
}

/// A bias of rows as wide as the result.
template <class Op> static LogicalResult verifyBias(Op op) {
  int64_t width = widthOf(op.getResult());
  if (op.getBias() && op.getBias().getType().getDimSize(0) != width)
    return op.emitOpError()
           << "bias has " << op.getBias().getType().getDimSize(0)
           << " values but rows of the result have " << width;
  return success();
}

LogicalResult HeadLinearOp::verify() { return verifyBias(*this); /*c3*/ }

LogicalResult DepthwiseOp::verify() {
  UnfoldOp made = windows();
  if (!made || made.getOrder() != Order::Rows) /*c1*/
    return emitOpError("needs windows that transformer.unfold rows has made");
  int64_t seen = widthOf(made.getX());
  int64_t places = widthOf(getX()) / seen;
  ArrayRef<int64_t> shape = getWeight().getType().getShape();
  if (shape[0] != seen || shape[1] != places) /*c2*/
    return emitOpError() << "windows of " << places << " places of " << seen
                         << " columns meet a weight of " << shape[0] << " x "
                         << shape[1];
  return verifyBias(*this); /*c3*/
}

LogicalResult ShortConvOp::verify() {
  ArrayRef<int64_t> shape = getWeight().getType().getShape();
  if (shape[0] != widthOf(getX())) /*c1*/
    return emitOpError() << "rows of " << widthOf(getX())
                         << " columns meet a weight of " << shape[0];
  if (shape[1] < 2) /*c2*/
    return emitOpError() << "weighs " << shape[1] << " row, expected 2 or more";
  return verifyBias(*this); /*c3*/
}

LogicalResult ExitOp::verify() {
  if (double above = getAbove(); !(above >= 0 && above <= 1)) /*c1*/
    return emitOpError() << "above is " << above << ", not from 0 to 1";
  return success();
}

LogicalResult ScaleOp::verify() {
  if (!std::isfinite(getFactor())) /*c1*/
    return emitOpError() << "factor is " << getFactor() << ", not finite";
  return success();
}

LogicalResult GainOp::verify() {
  int64_t size = getWeight().getType().getDimSize(0);
  if (size != widthOf(getX())) /*c1*/
    return emitOpError() << "weight has " << size
                         << " values but rows of x have " << widthOf(getX());
  return success();
}

LogicalResult SoftcapOp::verify() {
  if (!std::isfinite(getCap()) || getCap() <= 0) /*c1*/
    return emitOpError() << "cap is " << getCap()
                         << ", not a finite number above 0";
  return success();
}

LogicalResult RotaryOp::verify() {
  int64_t headDim = getHeadDim(), dim = getDim();
  if (headDim <= 0 || widthOf(getX()) % headDim != 0) /*c1*/
    return emitOpError() << "a row of " << widthOf(getX())
                         << " values has no even heads of " << headDim;
  if (dim < 0 || dim > headDim || dim % 2 != 0) /*c2*/
    return emitOpError() << "cannot turn " << dim << " of a head's " << headDim
                         << " values in pairs";
  auto frequencies = getFrequencies();
  if (static_cast<int64_t>(frequencies.size()) != dim / 2) /*c3*/
    return emitOpError() << "has " << frequencies.size() << " frequencies for "
                         << dim / 2 << " pairs";
  for (double frequency : frequencies)
    if (!std::isfinite(frequency)) /*c3*/
      return emitOpError() << "frequency is " << frequency << ", not finite";
  if (!std::isfinite(getMagnitude())) /*c4*/
    return emitOpError() << "magnitude is " << getMagnitude() << ", not finite";
  return success();
}

/// What all kinds of attention ask of their heads.
template <class Op> static LogicalResult verifyHeads(Op op) {
  int64_t q = widthOf(op.getQ()), k = widthOf(op.getK());
  int64_t v = widthOf(op.getV());
  if (q % op.getHeads() != 0) /*c2*/
    return op.emitOpError() << "a query row of " << q << " values has no even "
                            << op.getHeads() << " heads";
  int64_t headDim = q / op.getHeads();
  if (k != op.getKvHeads() * headDim) /*c3*/
    return op.emitOpError() << "key rows have " << k << " values but "
                            << op.getKvHeads() << " kv_heads of " << headDim
                            << " need " << op.getKvHeads() * headDim;
  if (v % op.getKvHeads() != 0) /*c4*/
    return op.emitOpError() << "a value row of " << v << " values has no even "
                            << op.getKvHeads() << " kv_heads";
  return success();
}

LogicalResult ScoreAttentionOp::verify() {
  if (failed(verifyHeads(*this)))
    return failure();
  if (!std::isfinite(getScale())) /*c5*/
    return emitOpError() << "scale is " << getScale() << ", not finite";
  if (getScores() == Scores::Hard && getNormalise() != Normalise::None) /*c6*/
    return emitOpError("divides a mean of the best rows again");
  if (getMask() == Mask::Prefix) /*c8*/
    return emitOpError("has a prefix, which scores as weights do not take");
  if (getButLast() && getMask() != Mask::None) /*c7*/
    return emitOpError("leaves out the last row but has a causal mask");
  return success();
}

LogicalResult AlibiOp::verify() {
  for (double slope : getSlopes())
    if (!std::isfinite(slope)) /*c1*/
      return emitOpError() << "slope is " << slope << ", not finite";
  return success();
}

LogicalResult RelativeOp::verify() {
  int64_t buckets = getTable().getType().getDimSize(0);
  int64_t sides = getCausal() ? 1 : 2;
  if (buckets < 2 * sides || buckets > 256 * sides ||
      buckets % sides != 0) /*c1*/
    return emitOpError() << "has " << buckets << " buckets for " << sides
                         << (sides == 1 ? " side" : " sides");
  if (getReach() <= buckets / sides / 2) /*c2*/
    return emitOpError() << "reach is " << getReach() << ", not above the "
                         << buckets / sides / 2
                         << " distances that have a bucket each";
  return success();
}

LogicalResult GridAttentionOp::verify() {
  if (failed(verifyHeads(*this)))
    return failure();
  auto grid = getGrid();
  if (grid.size() != 2) /*c5*/
    return emitOpError() << "grid has " << grid.size()
                         << " sizes, expected a height and a width";
  int64_t tile = getTile();
  constexpr int64_t mostTile = 256, mostGrid = 1 << 16;
  for (int64_t size : grid)
    if (tile <= 0 || tile > mostTile || size <= 0 || size > mostGrid ||
        size % tile != 0) /*c5*/
      return emitOpError() << "tiles of " << tile
                           << " do not divide the grid of " << grid[0] << " x "
                           << grid[1];
  if (getShift() < 0 || getShift() >= tile) /*c6*/
    return emitOpError() << "shift is " << getShift() << ", not from 0 to "
                         << tile - 1;
  if (!std::isfinite(getScale())) /*c7*/
    return emitOpError() << "scale is " << getScale() << ", not finite";
  if (!getTable())
    return success();
  auto table = getTable().getType();
  int64_t apart = 2 * tile - 1; // in one direction
  if (table.getDimSize(0) != apart * apart ||
      table.getDimSize(1) != getHeads()) /*c8*/
    return emitOpError() << "table is " << table.getDimSize(0) << " x "
                         << table.getDimSize(1) << ", tiles of " << tile
                         << " and " << getHeads() << " heads need "
                         << apart * apart << " x " << getHeads();
  return success();
}

LogicalResult CrossAttentionOp::verify() {
  if (failed(verifyHeads(*this)))
    return failure();
  if (!std::isfinite(getScale())) /*c5*/
    return emitOpError() << "scale is " << getScale() << ", not finite";
  if (auto cap = getSoftcap();
      cap && (!std::isfinite(*cap) || *cap <= 0)) /*c5*/
    return emitOpError() << "softcap is " << *cap
                         << ", not a finite number above 0";
  return success();
}

LogicalResult RandomFeaturesOp::verify() {
  int64_t headDim = widthOf(getX()) / int64_t(getHeads());
  int64_t columns = widthOf(getWeight());
  if (headDim != columns) /*c2*/
    return emitOpError() << "heads of " << headDim
                         << " columns meet a weight of " << columns;
  return success();
}

LogicalResult LinearAttentionOp::verify() {
  if (failed(verifyHeads(*this)))
    return failure();
  bool causal = getMask() == Mask::Causal;
  auto refuse = [&](StringRef does, StringRef divisors) {
    return emitOpError() << does << " with the mask "
                         << stringifyMask(getMask()) << " and the divisor "
                         << stringifyNormalise(getNormalise())
                         << ", expected causal and " << divisors;
  };
  auto needColumns = [&](StringRef what, Value by) -> LogicalResult {
    int64_t columns = cast<ShapedType>(by.getType()).getShape().back();
    if (columns == int64_t(getKvHeads()))
      return success();
    return emitOpError() << what << " has " << columns << " values for "
                         << getKvHeads() << " kv_heads";
  };
  if (getDecay() && (!causal || getNormalise() == Normalise::Number)) /*c5*/
    return refuse("decays", "none or rows");
  if (getDelta() && (!causal || getNormalise() != Normalise::None)) /*c7*/
    return refuse("follows the delta rule", "none");
  if (getDecay() && failed(needColumns("decay", getDecay()))) /*c6*/
    return failure();
  return getDelta() ? needColumns("delta", getDelta()) : success(); /*c7*/
}

static LogicalResult verifyRandom(AttentionOp op) /*c8*/ {
  auto random = op.getRandom();
  constexpr int64_t most = 256;
  if (op.getSeed() < 0 || (op.getSeed() && !random))
    return op.emitOpError() << "seed is " << op.getSeed()
                            << (random ? ", negative" : " without random");
  if (!random)
    return success();
  if (*random <= 0 || *random > most)
    return op.emitOpError()
           << "draws " << *random << " segments, not 1 to " << most;
  if (!op.getSegment() || op.getMask() != Mask::None)
    return op.emitOpError("draws segments, which need a segment and no mask");
  return success();
}

static LogicalResult verifySeen(AttentionOp op) /*c5*/ {
  for (auto [what, size] : {std::pair("window is ", op.getWindow()),
                            std::pair("segment is ", op.getSegment()),
                            std::pair("sinks are ", op.getSinks())}) {
    if (size && *size <= 0)
      return op.emitOpError() << what << *size << ", not positive";
    if (size && !op.getWindow())
      return op.emitOpError() << what << *size << " but there is no window";
  }
  if (op.getWindow() && op.getMask() == Mask::Prefix)
    return op.emitOpError("has a window beside a prefix");
  if (op.getGlobal() && (!op.getSinks() || op.getMask() != Mask::None))
    return op.emitOpError("has global rows, which need sinks and no mask");
  return success();
}

LogicalResult AttentionOp::verify() {
  if (failed(verifyHeads(*this)))
    return failure();
  if (failed(verifySeen(*this)) || failed(verifyRandom(*this)))
    return failure();
  if (!std::isfinite(getScale())) /*c6*/
    return emitOpError() << "scale is " << getScale() << ", not finite";
  if (auto cap = getSoftcap();
      cap && (!std::isfinite(*cap) || *cap <= 0)) /*c6*/
    return emitOpError() << "softcap is " << *cap
                         << ", not a finite number above 0";
  if (!getBias())
    return success();
  auto bias = getBias().getType();
  if (bias.getDimSize(0) != getHeads()) /*c7*/
    return emitOpError() << "bias has " << bias.getDimSize(0) << " rows for "
                         << getHeads() << " heads";
  if (getMask() != Mask::Causal && bias.getDimSize(1) % 2 == 0) /*c7*/
    return emitOpError() << "bias has " << bias.getDimSize(1)
                         << " columns, none of them in the middle";
  return success();
}

LogicalResult RouteOp::verify() {
  int64_t columns = widthOf(getScores()), groups = getGroups();
  if (groups < 1 || columns % groups != 0) /*c3*/
    return emitOpError() << columns << " experts have no even " << groups
                         << " groups";
  if (getTopGroups() < 1 || getTopGroups() > groups) /*c4*/
    return emitOpError() << "chooses " << getTopGroups() << " of " << groups
                         << " groups";
  if (getTwoBest() && columns == groups) /*c5*/
    return emitOpError("has no two best in groups of 1");
  int64_t left = columns / groups * getTopGroups();
  if (getTopK() < 1 || getTopK() > left) /*c1*/
    return emitOpError() << "chooses " << getTopK() << " of " << left
                         << " experts";
  if (auto correction = getCorrection();
      correction && correction.getType().getDimSize(0) != columns) /*c6*/
    return emitOpError() << "correction has "
                         << correction.getType().getDimSize(0) << " values for "
                         << columns << " experts";
  if (!std::isfinite(getScale()) || getScale() == 0) /*c2*/
    return emitOpError() << "scale is " << getScale()
                         << ", not a finite number other than 0";
  return success();
}

std::optional<int64_t> ExpertsOp::countOf(Value index) {
  auto argument = dyn_cast<BlockArgument>(index);
  if (!argument)
    return std::nullopt;
  auto experts = dyn_cast<ExpertsOp>(argument.getOwner()->getParentOp());
  return experts ? std::optional(experts.count()) : std::nullopt;
}

static bool isRows(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.getRank() == 2 && type.isDynamicDim(0);
}

LogicalResult ExpertsOp::verify() {
  Block &block = getBody().front();
  Type rows = getX().getType();
  if (block.getNumArguments() != 2 || block.getArgument(0).getType() != rows ||
      !block.getArgument(1).getType().isIndex()) /*c1*/
    return emitOpError() << "body takes (" << block.getArgumentTypes()
                         << "), expected " << rows << " and an index";
  auto yield = dyn_cast<YieldOp>(block.getTerminator());
  if (!yield || yield.getRows().getType() != rows) /*c1*/
    return emitOpError() << "body must yield " << rows;
  for (Operation &op : block.without_terminator()) {
    if (!isa<WeightOp, LinearOp, ActivationOp, NormOp, ScaleOp, SoftcapOp>(
            op) &&
        !op.hasTrait<OpTrait::Elementwise>() &&
        !op.hasTrait<OpTrait::ConstantLike>()) /*c3*/
      return emitOpError() << "body holds '" << op.getName()
                           << "', which does not work row by row";
    for (Value operand : op.getOperands())
      if (isRows(operand) && operand.getParentBlock() != &block) /*c2*/
        return emitOpError("body reads rows from outside");
  }
  if (yield.getRows().getParentBlock() != &block) /*c2*/
    return emitOpError("body reads rows from outside");
  return success();
}
