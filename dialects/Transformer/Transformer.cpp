// Registration of the dialect, the types of results, and what folds.
#include "dialects/Transformer/Transformer.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/PatternMatch.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/CheckedArithmetic.h"

using namespace mlir;
using namespace transformer;

#include "dialects/Transformer/TransformerDialect.cpp.inc"

#include "dialects/Transformer/TransformerEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/Transformer/TransformerAttrs.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "dialects/Transformer/TransformerTypes.cpp.inc"

#define GET_OP_CLASSES
#include "dialects/Transformer/TransformerOps.cpp.inc"

void TransformerDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/Transformer/TransformerAttrs.cpp.inc"
      >();
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialects/Transformer/TransformerTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/Transformer/TransformerOps.cpp.inc"
      >();
}

bool transformer::areRows(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.getRank() == 2 && type.isDynamicDim(0);
}

func::FuncOp transformer::encoderOf(func::FuncOp model) {
  auto name = model->getAttrOfType<FlatSymbolRefAttr>(encoderAttrName);
  return name ? SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(model, name)
              : func::FuncOp();
}

Value transformer::sourceOf(func::FuncOp decoder) {
  return decoder.getArgument(decoder.getNumArguments() - 2);
}

Value transformer::memoryOf(func::FuncOp decoder) {
  return decoder.getArgument(decoder.getNumArguments() - 1);
}

Value transformer::inputOf(func::FuncOp model) {
  bool reads = model.getNumArguments() > 1 &&
               !isa<RowsType>(model.getArgument(1).getType());
  return reads ? model.getArgument(1) : Value();
}

//===- Rows ---------------------------------------------------------------===//

int64_t UnfoldOp::madeOf(int64_t rows) {
  if (!getGrid())
    return windows().on(rows);
  return windows().on((*getGrid())[0]) * windows().on((*getGrid())[1]);
}

UnfoldOp DepthwiseOp::windows() { return getX().getDefiningOp<UnfoldOp>(); }

Value transformer::rowsOf(Value x) {
  for (;;) {
    Operation *op = x.getDefiningOp();
    if (auto argument = dyn_cast<BlockArgument>(x)) {
      op = argument.getOwner()->getParentOp(); // a loop, or experts
      if (auto model = dyn_cast<func::FuncOp>(op))
        return encoderOf(model) && x == memoryOf(model) ? sourceOf(model)
                                                        : model.getArgument(0);
    }
    if (auto unfold = dyn_cast<UnfoldOp>(op);
        unfold && !unfold.windows().keeps())
      return unfold.getMade();
    if (auto mix = dyn_cast<MixOp>(op))
      return mix.getMade();
    auto operands = op->getOperands();
    auto rows = llvm::find_if(operands, areRows);
    if (rows == operands.end())
      return op->getParentOfType<func::FuncOp>().getArgument(0);
    x = *rows;
  }
}

int64_t transformer::prependedTo(Value rows, Operation *op) {
  int64_t count = 0;
  for (Operation *user : rows.getUsers())
    if (auto prepend = dyn_cast<PrependOp>(user)) {
      Operation *here =
          op ? prepend->getBlock()->findAncestorOpInBlock(*op) : nullptr;
      if (!op || (here && here->isBeforeInBlock(prepend)))
        count += prepend.getTable().getType().getDimSize(0);
    }
  return count;
}

int64_t transformer::contextOf(Value rows) {
  if (auto mix = rows.getDefiningOp<MixOp>())
    return mix.getTable().getType().getDimSize(0);
  if (auto unfold = rows.getDefiningOp<UnfoldOp>()) {
    int64_t before = contextOf(unfold.getRows());
    return unfold.windows().keeps() ? before
                                    : unfold.madeOf(before) + prependedTo(rows);
  }
  auto argument = cast<BlockArgument>(rows);
  auto model = cast<func::FuncOp>(argument.getOwner()->getParentOp());
  if (argument.getArgNumber() != 0)
    if (func::FuncOp encoder = encoderOf(model))
      return contextOf(
          rowsOf(encoder.getBody().front().getTerminator()->getOperand(0)));
  return model->getAttrOfType<IntegerAttr>("transformer.context").getInt();
}

//===- Types of results ---------------------------------------------------===//

/// Of the bias of a score: twice it is a width that tensors have.
static constexpr int64_t mostReach = int64_t(1) << 31;

static RankedTensorType matrix(MLIRContext *context, int64_t rows,
                               int64_t width) {
  return RankedTensorType::get({rows, width}, Float32Type::get(context));
}

/// Type inference runs before the operands are verified: an operand of another
/// kind ends it, and the verifier names the operand.
static RankedTensorType ranked(Value value, int64_t rank) {
  auto type = llvm::dyn_cast<RankedTensorType>(value.getType());
  return type && type.getRank() == rank ? type : RankedTensorType();
}

/// A width that nothing says or that no tensor can have is left open, which the
/// verifier then refuses.
static int64_t product(int64_t a, int64_t b) {
  bool known = a >= 0 && b >= 0;
  return known ? llvm::checkedMul(a, b).value_or(ShapedType::kDynamic)
               : ShapedType::kDynamic;
}

LogicalResult EmbedOp::inferReturnTypes(MLIRContext *context,
                                        std::optional<Location>,
                                        Adaptor adaptor,
                                        SmallVectorImpl<Type> &types) {
  auto tokens = ranked(adaptor.getTokens(), 1);
  auto table = ranked(adaptor.getTable(), 2);
  if (!tokens || !table)
    return failure();
  types.push_back(matrix(context, tokens.getDimSize(0), table.getDimSize(1)));
  return success();
}

LogicalResult PatchesOp::inferReturnTypes(MLIRContext *context,
                                          std::optional<Location> location,
                                          Adaptor adaptor,
                                          SmallVectorImpl<Type> &types) {
  auto images = ranked(adaptor.getImages(), 4);
  if (!images)
    return failure();
  int64_t size = adaptor.getSize();
  if (size <= 0) /*patches_c1*/
    return emitOptionalError(location, "size is ", size, ", not positive");
  auto shape = images.getShape();
  IntegerAttr pad = adaptor.getPadAttr(); // null: its default comes later
  Windows windows{size, adaptor.getStride().value_or(size),
                  pad ? pad.getInt() : 0};
  if (windows.stride <= 0) /*patches_c3*/
    return emitOptionalError(location, "stride is ", windows.stride,
                             ", not positive");
  int64_t rows =
      product(shape[0], product(windows.on(shape[2]), windows.on(shape[3])));
  int64_t width = product(shape[1], product(size, size));
  types.push_back(matrix(context, rows, width));
  return success();
}

LogicalResult QueriesOp::inferReturnTypes(MLIRContext *context,
                                          std::optional<Location>,
                                          Adaptor adaptor,
                                          SmallVectorImpl<Type> &types) {
  auto table = ranked(adaptor.getTable(), 2);
  if (!table)
    return failure();
  types.push_back(matrix(context, ShapedType::kDynamic, table.getDimSize(1)));
  return success();
}

LogicalResult UnfoldOp::inferReturnTypes(MLIRContext *context,
                                         std::optional<Location> location,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  auto x = ranked(adaptor.getX(), 2);
  if (!x)
    return failure();
  int64_t size = adaptor.getSize();
  if (size <= 0) /*unfold_c1*/
    return emitOptionalError(location, "size is ", size, ", not positive");
  int64_t places = adaptor.getGrid() ? product(size, size) : size;
  types.push_back(
      matrix(context, ShapedType::kDynamic, product(x.getDimSize(1), places)));
  types.push_back(RowsType::get(context));
  return success();
}

LogicalResult MixOp::inferReturnTypes(MLIRContext *context,
                                      std::optional<Location>, Adaptor adaptor,
                                      SmallVectorImpl<Type> &types) {
  auto x = ranked(adaptor.getX(), 2);
  if (!x)
    return failure();
  types.push_back(matrix(context, ShapedType::kDynamic, x.getDimSize(1)));
  types.push_back(RowsType::get(context));
  return success();
}

LogicalResult InputOp::inferReturnTypes(MLIRContext *, std::optional<Location>,
                                        Adaptor adaptor,
                                        SmallVectorImpl<Type> &types) {
  types.push_back(adaptor.getReals().getType());
  return success();
}

/// A column for each row of the weight.
static LogicalResult inferByWeight(MLIRContext *context, Value input,
                                   Value rows, SmallVectorImpl<Type> &types) {
  auto x = ranked(input, 2), weight = ranked(rows, 2);
  if (!x || !weight)
    return failure();
  types.push_back(matrix(context, x.getDimSize(0), weight.getDimSize(0)));
  return success();
}

LogicalResult LinearOp::inferReturnTypes(MLIRContext *context,
                                         std::optional<Location>,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  return inferByWeight(context, adaptor.getX(), adaptor.getWeight(), types);
}

LogicalResult DepthwiseOp::inferReturnTypes(MLIRContext *context,
                                            std::optional<Location>,
                                            Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  return inferByWeight(context, adaptor.getX(), adaptor.getWeight(), types);
}

int64_t HeadLinearOp::depth() {
  auto shape = getWeight().getType().getShape();
  return getTransposed() ? shape[0] / getHeads() : shape[1];
}

int64_t HeadLinearOp::outputs() {
  auto shape = getWeight().getType().getShape();
  return getTransposed() ? shape[1] : shape[0] / getHeads();
}

LogicalResult HeadLinearOp::inferReturnTypes(MLIRContext *context,
                                             std::optional<Location> location,
                                             Adaptor adaptor,
                                             SmallVectorImpl<Type> &types) {
  auto x = ranked(adaptor.getX(), 2), weight = ranked(adaptor.getWeight(), 2);
  if (!x || !weight)
    return failure();
  int64_t heads = adaptor.getHeads(), width = x.getDimSize(1);
  int64_t rows = weight.getDimSize(0), columns = weight.getDimSize(1);
  for (int64_t size : {width, rows})
    if (heads <= 0 || size % heads != 0) /*head_linear_c1*/
      return emitOptionalError(location, heads, " heads cannot share ", size,
                               size == width ? " columns" : " weight rows",
                               " evenly");
  int64_t depth = adaptor.getTransposed() ? rows / heads : columns;
  if (width / heads < depth) /*head_linear_c2*/
    return emitOptionalError(location, "heads of ", width / heads,
                             " columns meet a weight of ", depth);
  types.push_back(
      matrix(context, x.getDimSize(0),
             adaptor.getTransposed() ? product(heads, columns) : rows));
  return success();
}

LogicalResult RandomFeaturesOp::inferReturnTypes(
    MLIRContext *context, std::optional<Location> location, Adaptor adaptor,
    SmallVectorImpl<Type> &types) {
  auto x = ranked(adaptor.getX(), 2), weight = ranked(adaptor.getWeight(), 2);
  if (!x || !weight)
    return failure();
  int64_t heads = adaptor.getHeads(), width = x.getDimSize(1);
  if (heads <= 0 || width % heads != 0) /*random_features_c1*/
    return emitOptionalError(location, heads, " heads cannot share ", width,
                             " columns evenly");
  types.push_back(
      matrix(context, x.getDimSize(0), product(heads, weight.getDimSize(0))));
  return success();
}

/// Columns for the distances that a score's bias tells apart.
static int64_t distances(int64_t reach, bool causal) {
  return causal ? reach + 1 : 2 * reach + 1;
}

LogicalResult AlibiOp::inferReturnTypes(MLIRContext *context,
                                        std::optional<Location> location,
                                        Adaptor adaptor,
                                        SmallVectorImpl<Type> &types) {
  int64_t heads = adaptor.getSlopes().size(), reach = adaptor.getReach();
  if (heads == 0) /*alibi_c1*/
    return emitOptionalError(location, "has no slopes");
  if (reach < 0 || reach > mostReach) /*alibi_c2*/
    return emitOptionalError(location, "reach is ", reach, ", not from 0 to ",
                             mostReach);
  types.push_back(
      matrix(context, heads, distances(reach, adaptor.getCausal())));
  return success();
}

LogicalResult RelativeOp::inferReturnTypes(MLIRContext *context,
                                           std::optional<Location> location,
                                           Adaptor adaptor,
                                           SmallVectorImpl<Type> &types) {
  auto table = ranked(adaptor.getTable(), 2);
  if (!table)
    return failure();
  int64_t reach = adaptor.getReach();
  if (reach < 0 || reach > mostReach) /*relative_c2*/
    return emitOptionalError(location, "reach is ", reach, ", not from 0 to ",
                             mostReach);
  types.push_back(matrix(context, table.getDimSize(1),
                         distances(reach, adaptor.getCausal())));
  return success();
}

/// A row of every head's values, for each row of queries.
template <class Adaptor>
static LogicalResult inferHeads(MLIRContext *context,
                                std::optional<Location> location,
                                Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto q = ranked(adaptor.getQ(), 2), v = ranked(adaptor.getV(), 2);
  if (!q || !v)
    return failure();
  int64_t heads = adaptor.getHeads(), kvHeads = adaptor.getKvHeads();
  if (heads <= 0 || kvHeads <= 0 || heads % kvHeads != 0) /*attention_c1*/
    return emitOptionalError(location, heads, " heads cannot share ", kvHeads,
                             " kv_heads evenly");
  int64_t width = product(heads, v.getDimSize(1) / kvHeads);
  types.push_back(matrix(context, q.getDimSize(0), width));
  return success();
}

LogicalResult AttentionOp::inferReturnTypes(MLIRContext *context,
                                            std::optional<Location> location,
                                            Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  return inferHeads(context, location, adaptor, types);
}

LogicalResult ScoreAttentionOp::inferReturnTypes(
    MLIRContext *context, std::optional<Location> location, Adaptor adaptor,
    SmallVectorImpl<Type> &types) {
  return inferHeads(context, location, adaptor, types);
}

LogicalResult CrossAttentionOp::inferReturnTypes(
    MLIRContext *context, std::optional<Location> location, Adaptor adaptor,
    SmallVectorImpl<Type> &types) {
  return inferHeads(context, location, adaptor, types);
}

LogicalResult GridAttentionOp::inferReturnTypes(
    MLIRContext *context, std::optional<Location> location, Adaptor adaptor,
    SmallVectorImpl<Type> &types) {
  return inferHeads(context, location, adaptor, types);
}

LogicalResult LinearAttentionOp::inferReturnTypes(
    MLIRContext *context, std::optional<Location> location, Adaptor adaptor,
    SmallVectorImpl<Type> &types) {
  return inferHeads(context, location, adaptor, types);
}

LogicalResult JoinHeadsOp::inferReturnTypes(MLIRContext *context,
                                            std::optional<Location> location,
                                            Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  auto own = ranked(adaptor.getOwn(), 2), rest = ranked(adaptor.getRest(), 2);
  if (!own || !rest)
    return failure();
  int64_t heads = adaptor.getHeads(), width = own.getDimSize(1);
  int64_t behind = rest.getDimSize(1);
  IntegerAttr first = adaptor.getFromAttr(); // null where an op leaves it out
  int64_t from = first ? first.getInt() : 0;
  if (heads <= 0 || width % heads != 0) /*join_heads_c1*/
    return emitOptionalError(location, heads, " heads cannot share ", width,
                             " columns evenly");
  if (from) {
    if (from < 0 || behind % heads != 0 || behind / heads <= from)
      /*join_heads_c2*/
      return emitOptionalError(location, heads, " heads of ", behind,
                               " columns have none from ", from, " on");
    behind = behind / heads - from;
  }
  types.push_back(
      matrix(context, own.getDimSize(0), width + product(heads, behind)));
  return success();
}

/// Some number of rows as wide as those of x.
static LogicalResult inferOtherRows(MLIRContext *context, Value value,
                                    SmallVectorImpl<Type> &types) {
  auto x = ranked(value, 2);
  if (!x)
    return failure();
  types.push_back(matrix(context, ShapedType::kDynamic, x.getDimSize(1)));
  return success();
}

LogicalResult PrependOp::inferReturnTypes(MLIRContext *context,
                                          std::optional<Location>,
                                          Adaptor adaptor,
                                          SmallVectorImpl<Type> &types) {
  return inferOtherRows(context, adaptor.getX(), types);
}

LogicalResult PoolOp::inferReturnTypes(MLIRContext *context,
                                       std::optional<Location>, Adaptor adaptor,
                                       SmallVectorImpl<Type> &types) {
  return inferOtherRows(context, adaptor.getX(), types);
}

LogicalResult OutputsOp::inferReturnTypes(MLIRContext *context,
                                          std::optional<Location>,
                                          Adaptor adaptor,
                                          SmallVectorImpl<Type> &types) {
  return inferOtherRows(context, adaptor.getX(), types);
}

//===- Folding: what changes no bit of the result -------------------------===//

OpFoldResult ActivationOp::fold(FoldAdaptor) {
  auto inner = getX().getDefiningOp<ActivationOp>();
  bool stays = inner && getKind() == Activation::Relu &&
               (inner.getKind() == Activation::Relu ||
                inner.getKind() == Activation::Relu2);
  return stays ? OpFoldResult(getX()) : OpFoldResult();
}

OpFoldResult ScaleOp::fold(FoldAdaptor) {
  return getFactor() == 1.0 ? OpFoldResult(getX()) : OpFoldResult();
}

/// The rows of a table, scaled, are what `embed` itself can make.
LogicalResult ScaleOp::canonicalize(ScaleOp op, PatternRewriter &rewriter) {
  auto embed = op.getX().getDefiningOp<EmbedOp>();
  if (!embed || !embed->hasOneUse() || embed.getScale() != 1.0)
    return failure();
  rewriter.replaceOpWithNewOp<EmbedOp>(op, embed.getTokens(), embed.getTable(),
                                       op.getFactor());
  return success();
}

OpFoldResult RotaryOp::fold(FoldAdaptor) {
  return getDim() == 0 ? OpFoldResult(getX()) : OpFoldResult();
}
