// Weights of the model as packed weights of kernels.
#include "compiler/Lowering/Lowering.h"

#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace lowering;

// The block of a loop that runs once takes the loop's place: its number is
// known. The other indices have the letters from {i} on again.
std::string Lowering::nameOf(transformer::WeightOp weight) {
  std::string name = weight.getName().str();
  char letter = 'i';
  for (auto [place, index] : llvm::enumerate(weight.getIndices())) {
    const std::string key = {'{', char('i' + place), '}'};
    auto number = getConstantIntValue(index);
    const std::string text =
        number ? std::to_string(*number) : std::string{'{', letter++, '}'};
    for (size_t at = name.find(key); at != std::string::npos;
         at = name.find(key, at + text.size()))
      name.replace(at, key.size(), text);
  }
  return name;
}

kernel::PartAttr Lowering::part(transformer::WeightOp weight, int64_t rows,
                                int64_t cols, double offset) {
  auto [headDim, rotaryDim] = rotations.lookup(weight);
  return kernel::PartAttr::get(b.getContext(), kernel::Origin::Tensor,
                               nameOf(weight), rows, cols, headDim, rotaryDim,
                               offset ? b.getF64FloatAttr(offset) : FloatAttr(),
                               FloatAttr(), DenseF64ArrayAttr(), {}, 0);
}

kernel::Format Lowering::formatOf(Value weight) {
  auto format = weight.getDefiningOp<transformer::WeightOp>().getFormat();
  if (!format)
    return kernel::Format::F32;
  switch (*format) {
  case transformer::Format::Bf16:
    return kernel::Format::Bf16;
  case transformer::Format::Int8:
    return kernel::Format::Int8;
  case transformer::Format::Int4:
    return kernel::Format::Int4;
  }
  llvm_unreachable("every format is above");
}

Value Lowering::packed(Value weight, kernel::PartAttr part, MemRefType type,
                       int64_t panel, kernel::Format format) {
  auto op = weight.getDefiningOp<transformer::WeightOp>();
  SmallVector<Value> indices;
  SmallVector<int64_t> repeats;
  for (Value index : op.getIndices()) {
    if (getConstantIntValue(index))
      continue;
    indices.push_back(map.lookup(index));
    if (auto experts = transformer::ExpertsOp::countOf(index)) {
      repeats.push_back(*experts);
      continue;
    }
    auto loop =
        cast<scf::ForOp>(cast<BlockArgument>(index).getOwner()->getParentOp());
    repeats.push_back(loop.getStaticTripCount()->getSExtValue());
  }
  return kernel::WeightOp::create(
      b, op.getLoc(), type, b.getArrayAttr({part}), indices, panel,
      /*align=*/std::max<int64_t>(panel, 1),
      /*interleave=*/0, b.getDenseI64ArrayAttr(repeats), format);
}

Value Lowering::panelWeight(Value weight) {
  auto type = cast<RankedTensorType>(weight.getType());
  int64_t outputs = type.getDimSize(0), depth = type.getDimSize(1);
  kernel::Format format = formatOf(weight);
  int64_t panel =
      machine.scheduleOf(format, 1).getVectors() * machine.getLanes();
  auto op = weight.getDefiningOp<transformer::WeightOp>();
  return packed(weight, part(op, outputs, depth),
                kernel::panelType(b.getContext(), format,
                                  llvm::divideCeilSigned(outputs, panel), depth,
                                  panel),
                panel, format);
}

Value Lowering::vectorWeight(Value weight, double offset) {
  // A common multiple of every panel width: whole vectors may be read up to it.
  constexpr int64_t padding = 192;
  int64_t size = cast<RankedTensorType>(weight.getType()).getDimSize(0);
  auto op = weight.getDefiningOp<transformer::WeightOp>();
  int64_t padded = llvm::alignTo(size, padding);
  return packed(weight, part(op, size, 1, offset),
                MemRefType::get({padded}, b.getF32Type()), padding);
}

Value Lowering::tableWeight(Value weight) {
  auto type = cast<RankedTensorType>(weight.getType());
  auto op = weight.getDefiningOp<transformer::WeightOp>();
  return packed(weight, part(op, type.getDimSize(0), type.getDimSize(1)),
                MemRefType::get(type.getShape(), b.getF32Type()), 0);
}

Value Lowering::generatedTable(Location loc, kernel::PartAttr part) {
  return kernel::WeightOp::create(
      b, loc, MemRefType::get({part.getRows(), part.getCols()}, b.getF32Type()),
      b.getArrayAttr({part}), ValueRange(), 0, 1, 0, b.getDenseI64ArrayAttr({}),
      kernel::Format::F32);
}
