// The constraints of ops that move rows, of routers, experts and exits.
#include "dialects/Kernel/Verify.h"

using namespace mlir;
using namespace kernel;

static LogicalResult verifyTable(Operation *op, Value table, ValueRange inits) {
  return verifyDestination(op, inits, widthOf(table));
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
  int64_t size = getSize(), pad = getPad();
  if (pad < 0) // c3
    return emitOpError() << "has a pad of " << pad << ", expected 0 or more";
  bool overlaps = getStride() || pad;
  if (overlaps && std::min(image[1], image[2]) + 2 * pad < size) // c2
    return emitOpError() << "patches of " << size << " do not fit images of "
                         << image[1] << " x " << image[2] << " with a pad of "
                         << pad;
  if (!overlaps && (image[1] % size != 0 || image[2] % size != 0)) // c2
    return emitOpError() << "images of " << image[1] << " x " << image[2]
                         << " cannot be cut evenly into patches of " << size
                         << " x " << size;
  if (int64_t skip = getSkip(); skip < 0) // c3
    return emitOpError() << "skips " << skip << " rows, expected 0 or more";
  return verifyDestination(*this, getInits(), image[0] * size * size); // c4
}

LogicalResult TypesOp::verify() {
  return verifyTable(*this, getTable(), getInits()); // c1
}

LogicalResult
WindowsAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                    int64_t size, int64_t stride, int64_t pad, int64_t lines,
                    int64_t columns, int64_t skip) {
  if (size <= 0 || stride <= 0 || pad < 0 || skip < 0)
    return emitError() << "no windows have size " << size << ", stride "
                       << stride << ", pad " << pad << " and skip " << skip;
  bool none = lines == 0 && columns == 0;
  if (!none && std::min(lines, columns) <= 0)
    return emitError() << "a grid has " << lines << " lines of " << columns
                       << " places";
  if (!none && std::min(lines, columns) + 2 * pad < size)
    return emitError() << "windows of " << size << " do not fit a grid of "
                       << lines << " x " << columns << " with a pad of " << pad;
  return success();
}

LogicalResult UnfoldedStepOp::verify() {
  auto shapeOf = [](Value words) {
    return cast<MemRefType>(words.getType()).getShape();
  };
  int64_t rows = shapeOf(getFirsts())[0];
  for (auto [words, columns] : {std::pair(getFirsts(), int64_t(0)),
                                std::pair(getPositions(), int64_t(0)),
                                std::pair(getTiles(), int64_t(4)),
                                std::pair(getCaches(), int64_t(2))}) {
    SmallVector<int64_t> shape{rows};
    if (columns)
      shape.push_back(columns);
    if (shapeOf(words) != ArrayRef(shape)) // c1
      return emitOpError() << "has " << words.getType() << " for " << rows
                           << " rows";
  }
  if (shapeOf(getStarts()).size() != 1 ||
      shapeOf(getSources()).size() != 1) // c1
    return emitOpError("has starts or sources that are no vectors");
  return success();
}

/// Rows that windows make have firsts where they are not as many.
template <class Op> static LogicalResult verifyFirsts(Op op) {
  WindowsAttr windows = op.getWindows();
  bool keeps =
      windows.getStride() == 1 && windows.getSize() == 2 * windows.getPad() + 1;
  if (!keeps && !op.getFirsts())
    return op.emitOpError("makes another number of rows, without their firsts");
  return success();
}

LogicalResult UnfoldOp::verify() {
  if (failed(verifyFirsts(*this))) // c2
    return failure();
  return verifyDestination(*this, getInits(),
                           widthOf(getInput()) * getWindows().places()); // c1
}

/// Weights of so many places for each column of the input, and a bias, which
/// fill panels.
template <class Op> static LogicalResult verifyPanels(Op op, int64_t places) {
  int64_t columns = widthOf(op.getInput());
  int64_t panel = op.getSchedule().getVectors() * op.getSchedule().getLanes();
  auto wanted = panelType(op.getContext(), Format::F32,
                          llvm::divideCeil(columns, panel), places, panel);
  if (op.getWeight().getType() != wanted)
    return op.emitOpError()
           << "weight is " << op.getWeight().getType() << ", not " << wanted;
  int64_t padded = llvm::alignTo(columns, panel);
  if (op.getBias() &&
      cast<MemRefType>(op.getBias().getType()).getDimSize(0) < padded)
    return op.emitOpError() << "bias is " << op.getBias().getType()
                            << " for panels of " << padded << " columns";
  return success();
}

LogicalResult DepthwiseOp::verify() {
  if (failed(verifyDestination(*this, getInits(),
                               widthOf(getInput()))) || // c1
      failed(verifyFirsts(*this)))                      // c2
    return failure();
  return verifyPanels(*this, getWindows().places()); // c3, c4
}

int64_t ShortConvOp::depth() {
  return cast<MemRefType>(getWeight().getType()).getDimSize(1);
}

int64_t ShortConvOp::paddedColumns() {
  auto type = cast<MemRefType>(getWeight().getType());
  return type.getDimSize(0) * type.getDimSize(2);
}

int64_t ShortConvOp::slotBytes(MemRefType weight) {
  return weight.getDimSize(0) * (weight.getDimSize(1) - 1) *
         weight.getDimSize(2) * 4;
}

LogicalResult ShortConvOp::verify() {
  if (failed(verifyDestination(*this, getInits(), widthOf(getInput())))) // c1
    return failure();
  auto type = cast<MemRefType>(getWeight().getType());
  int64_t places = type.getRank() == 3 ? type.getDimSize(1) : 2;
  if (places < 2) // c2
    return emitOpError() << "weighs " << places << " row, expected 2 or more";
  return verifyPanels(*this, places); // c2, c3
}

LogicalResult MixOp::verify() {
  return verifyDestination(*this, getInits(), widthOf(getInput())); // c1
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
  int64_t turned = getTurned(), columns = getTap().getColumns();
  if (turned && (turned < 0 || turned % 2 != 0 || turned > columns ||
                 !getTap().getHeads())) // c2
    return emitOpError() << "cannot turn " << turned << " of the " << columns
                         << " columns of " << getTap().getHeads() << " heads";
  return verifyMade(*this); // c3
}

int64_t JoinHeadsOp::restOfHead() {
  int64_t rest = widthOf(getRest());
  return getFrom() ? rest / int64_t(getHeads()) - int64_t(getFrom()) : rest;
}

LogicalResult JoinHeadsOp::verify() {
  int64_t own = widthOf(getOwn()), heads = getHeads();
  int64_t rest = widthOf(getRest()), from = getFrom();
  if (own % heads != 0) // c1
    return emitOpError() << heads << " heads cannot share " << own
                         << " columns evenly";
  if (from && (rest % heads != 0 || rest / heads <= from)) // c1
    return emitOpError() << heads << " heads of " << rest
                         << " columns have none from " << from << " on";
  return verifyDestination(*this, getInits(),
                           own + heads * restOfHead()); // c2
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

/// Of so many sequences at most.
static LogicalResult verifyLeft(Operation *op, Value left, int64_t sequences) {
  auto type = cast<MemRefType>(left.getType());
  if (type.getRank() == 1 && type.getDimSize(0) >= 3 + sequences)
    return success();
  return op->emitOpError() << "has " << type << " for what is left of "
                           << sequences << " sequences or more";
}

LogicalResult RemainAllOp::verify() {
  return verifyLeft(*this, getLeft(), 1); // c1
}

LogicalResult RemainingStepOp::verify() {
  return verifyLeft(*this, getLeft(), 1); // c1
}

LogicalResult LeaveOp::verify() {
  size_t destinations = getInits().size();
  if (destinations > 1 || (getAbove() && destinations == 0)) // c1
    return emitOpError() << "has " << destinations << " destinations"
                         << (getAbove() ? ", expected 1" : ", expected 0 or 1");
  if (auto above = getAbove(); above && !(above->convertToDouble() >= 0 &&
                                          above->convertToDouble() <= 1)) // c2
    return emitOpError() << "above is " << above->convertToDouble()
                         << ", not from 0 to 1";
  return verifyLeft(*this, getLeft(), dimOf(getScores(), 0)); // c3
}
