// The constraints of the kinds of attention, and of taps of its weights.
#include "dialects/Kernel/Verify.h"

using namespace mlir;
using namespace kernel;

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
  if (op.getMask() != Mask::Source)
    return success();
  return op.emitOpError(
      "sees the rows of a source, which kernel.attention does");
}

int64_t RandomFeaturesOp::headDim() {
  return widthOf(getInput()) / int64_t(getHeads());
}

int64_t RandomFeaturesOp::features() {
  return widthOf(getInits()[0]) / int64_t(getHeads());
}

LogicalResult RandomFeaturesOp::verify() {
  if (getInits().size() != 1)
    return emitOpError() << "needs 1 destination, has " << getInits().size();
  int64_t heads = getHeads();
  for (int64_t width : {widthOf(getInput()), widthOf(getInits()[0])})
    if (width % heads != 0) // c1
      return emitOpError() << heads << " heads cannot share " << width
                           << " columns evenly";
  auto wanted =
      panelType(getContext(), Format::F32, llvm::divideCeil(features(), panel),
                headDim(), panel);
  if (getWeight().getType() != wanted) // c2, c3
    return emitOpError() << "weight is " << getWeight().getType() << ", not "
                         << wanted;
  return verifyDestination(*this, getInits(), heads * features());
}

/// Constraint c5.
static LogicalResult verifyDecay(LinearAttentionOp op) {
  if (!op.getDecay())
    return success();
  if (op.getMask() != Mask::Causal || op.getDivisor() == Divisor::Number)
    return op.emitOpError()
           << "decays with the mask " << stringifyMask(op.getMask())
           << " and the divisor " << stringifyDivisor(op.getDivisor())
           << ", expected causal and one or weights";
  auto shape = cast<ShapedType>(op.getDecay().getType()).getShape();
  int64_t groups = op.getState().getKvHeads();
  bool enough = shape.size() == 1 ? shape[0] >= groups : shape[1] == groups;
  if (enough)
    return success();
  return op.emitOpError() << "decay has " << shape.back() << " values, the "
                          << "state has " << groups << " heads";
}

/// Constraint c6.
static LogicalResult verifyDelta(LinearAttentionOp op) {
  if (!op.getDelta())
    return success();
  if (op.getMask() != Mask::Causal || op.getDivisor() != Divisor::One)
    return op.emitOpError()
           << "follows the delta rule with the mask "
           << stringifyMask(op.getMask()) << " and the divisor "
           << stringifyDivisor(op.getDivisor()) << ", expected causal and one";
  int64_t groups = op.getState().getKvHeads();
  if (widthOf(op.getDelta()) == groups)
    return success();
  return op.emitOpError() << "delta has " << widthOf(op.getDelta())
                          << " values, the state has " << groups << " heads";
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
  if (failed(verifyOwnRows(*this)) || // c4
      failed(verifyDecay(*this)) ||   // c5
      failed(verifyDelta(*this)))     // c6
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
  if (getMask() == Mask::Prefix) // c7
    return emitOpError("has a prefix, which scores as weights do not take");
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
  for (auto [what, size] : {std::pair("window", op.getWindow()),
                            std::pair("segment", op.getSegment())})
    if (size && *size <= 0)
      return op.emitOpError() << what << " is " << *size << ", not positive";
  if (op.getSegment() && !op.getWindow())
    return op.emitOpError("has a segment but no window");
  if (op.getWindow() && op.getMask() != Mask::Causal &&
      op.getMask() != Mask::None)
    return op.emitOpError("has a window beside a prefix or a source");
  int64_t sinks = op.getSinks().value_or(1);
  int64_t most = AttentionOp::chunkBlocks * CacheAttr::block;
  if (sinks <= 0 || sinks > most)
    return op.emitOpError()
           << "sinks are " << sinks << ", not from 1 to " << most;
  if (op.getSinks() && !op.getWindow())
    return op.emitOpError("has sinks but no window");
  if (op.getGlobal() && (!op.getSinks() || op.getMask() != Mask::None))
    return op.emitOpError("has global rows, which need sinks and no mask");
  if (op.getRandom() && (!op.getSegment() || op.getMask() != Mask::None))
    return op.emitOpError("draws segments, which need a segment and no mask");
  return success();
}

LogicalResult
RandomAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                   int64_t segments, int64_t seed) {
  constexpr int64_t most = 256;
  if (segments > 0 && segments <= most && seed >= 0) // c1
    return success();
  return emitError() << "draws " << segments << " segments from seed " << seed
                     << ", expected 1 to " << most << " and 0 or more";
}

LogicalResult AttentionOp::verify() {
  if (failed(verifyHeads(*this, getInits().take_front())) ||
      failed(verifyPartials(*this)) || // c3
      failed(verifyWindow(*this)))     // c5
    return failure();
  if (bool(getRandom()) != bool(getRound())) // c9
    return emitOpError(getRandom() ? "draws segments of no round"
                                   : "has a round but draws nothing");
  if (getRandom() && getInits().size() > 1) // c9
    return emitOpError("draws segments but has partial results");
  if (getMask() == Mask::Source && getInits().size() > 1) // c8
    return emitOpError("has partial results but the mask source");
  if (getMask() == Mask::Source && getBias()) // c8
    return emitOpError("has a bias by position but the mask source");
  if (auto cap = getSoftcap();
      cap && (!cap->isFinite() || cap->convertToDouble() <= 0)) // c6
    return emitOpError() << "softcap is " << cap->convertToDouble()
                         << ", not a finite number above 0";
  if (failed(verifyBias(*this))) // c7
    return failure();
  return verifyFinite(*this, "scale", getScale()); // c6
}

LogicalResult GridAttentionOp::verify() {
  int64_t heads = getHeads(), kvHeads = getKvHeads(), tile = getTile();
  int64_t shift = getShift();
  if (heads % kvHeads != 0) // c1
    return emitOpError() << heads << " heads cannot share " << kvHeads
                         << " heads of keys evenly";
  if (widthOf(getQuery()) % heads != 0 ||
      widthOf(getKey()) != kvHeads * headDim() ||
      widthOf(getValue()) % kvHeads != 0) // c2
    return emitOpError() << "rows of " << widthOf(getQuery()) << ", "
                         << widthOf(getKey()) << " and " << widthOf(getValue())
                         << " values are not " << heads << " heads of queries, "
                         << kvHeads << " of keys and values";
  if (failed(verifyDestination(*this, getInits(), heads * valueDim()))) // c3
    return failure();
  auto grid = getGrid();
  if (grid.size() != 2 || grid[0] <= 0 || grid[1] <= 0 || grid[0] % tile != 0 ||
      grid[1] % tile != 0) // c4
    return emitOpError() << "tiles of " << tile << " do not divide the grid of "
                         << grid;
  if (shift < 0 || shift >= tile) // c5
    return emitOpError() << "shift is " << shift << ", not from 0 to "
                         << tile - 1;
  if (double(tile) * tile * (headDim() + valueDim()) > mostValues) // c8
    return emitOpError() << "a tile of " << tile << " x " << tile
                         << " rows has more than " << mostValues
                         << " keys and values of a head";
  if (Value bias = getBias();
      bias && (dimOf(bias, 0) != heads * tile * tile ||
               widthOf(bias) != biasColumns(tile))) // c7
    return emitOpError() << "bias is " << dimOf(bias, 0) << " x "
                         << widthOf(bias) << ", expected "
                         << heads * tile * tile << " x " << biasColumns(tile);
  return verifyFinite(*this, "scale", getScale()); // c6
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
  if (failed(verifyWindow(*this)) ||                    // c4
      failed(verifyFinite(*this, "scale", getScale()))) // c6
    return failure();
  if (getMask() == Mask::Source && getBias()) // c7
    return emitOpError("has a bias by distance beside the rows of a source");
  if (failed(verifyMade(*this))) // c8
    return failure();
  return verifyBias(*this); // c5
}
