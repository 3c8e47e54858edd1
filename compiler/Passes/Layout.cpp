// The plan that `lay-out-weights` left on a module, as the packer reads it.
#include "compiler/Passes/Passes.h"

#include "mlir/IR/BuiltinOps.h"

using namespace mlir;

static double real(FloatAttr attr, double otherwise) {
  return attr ? attr.getValueAsDouble() : otherwise;
}

static weights::Part readPart(kernel::PartAttr part) {
  weights::Part result;
  switch (part.getOrigin()) {
  case kernel::Origin::Tensor:
    result.origin = weights::Origin::Tensor;
    break;
  case kernel::Origin::RotaryCos:
    result.origin = weights::Origin::RotaryCos;
    break;
  case kernel::Origin::RotarySin:
    result.origin = weights::Origin::RotarySin;
    break;
  case kernel::Origin::Sinusoid:
    result.origin = weights::Origin::Sinusoid;
    break;
  case kernel::Origin::Alibi:
    result.origin = weights::Origin::Alibi;
    break;
  case kernel::Origin::Buckets:
    result.origin = weights::Origin::Buckets;
    break;
  case kernel::Origin::SinusoidHalves:
    result.origin = weights::Origin::SinusoidHalves;
    break;
  case kernel::Origin::Offsets:
    result.origin = weights::Origin::Offsets;
    break;
  case kernel::Origin::Heads:
    result.origin = weights::Origin::Heads;
    break;
  case kernel::Origin::HeadsTransposed:
    result.origin = weights::Origin::HeadsTransposed;
    break;
  }
  result.name = part.getName().str();
  result.rows = part.getRows();
  result.cols = part.getCols();
  result.headDim = part.getHeadDim();
  result.rotaryDim = part.getRotaryDim();
  result.headRows = part.getHeadRows();
  if (result.origin == weights::Origin::Tensor) {
    result.offset = real(part.getOffset(), 0);
    if (part.getRotaryDim())
      result.arrange = weights::Arrange::HalvesToPairs;
    return result;
  }
  if (kernel::DistancesAttr distances = part.getDistances()) {
    result.distances.zero = distances.getZero();
    if (distances.getSlopes())
      result.distances.slopes = distances.getSlopes().asArrayRef().vec();
    result.distances.buckets = distances.getBuckets();
    result.distances.reach = distances.getReach();
    result.distances.causal = distances.getCausal();
  }
  result.table.headDim = part.getHeadDim();
  result.table.dim = part.getRotaryDim();
  result.table.first = real(part.getOffset(), 0);
  result.table.magnitude = real(part.getMagnitude(), 1);
  if (part.getFrequencies())
    result.table.frequencies = part.getFrequencies().asArrayRef().vec();
  return result;
}

static weights::Format readFormat(kernel::Format format) {
  switch (format) {
  case kernel::Format::F32:
    return weights::Format::F32;
  case kernel::Format::Bf16:
    return weights::Format::Bf16;
  case kernel::Format::Int8:
    return weights::Format::Int8;
  case kernel::Format::Int4:
    return weights::Format::Int4;
  }
  llvm_unreachable("every format is above");
}

weights::Layout passes::layoutOf(ModuleOp module) {
  weights::Layout layout;
  auto plan = module->getAttrOfType<DictionaryAttr>(layoutAttrName);
  if (!plan)
    return layout;
  layout.bytes = plan.getAs<IntegerAttr>("bytes").getInt();
  for (auto entry :
       plan.getAs<ArrayAttr>("weights").getAsRange<DictionaryAttr>()) {
    auto number = [&](StringRef name) {
      return entry.getAs<IntegerAttr>(name).getInt();
    };
    weights::PackedWeight weight;
    for (auto part :
         entry.getAs<ArrayAttr>("parts").getAsRange<kernel::PartAttr>())
      weight.parts.push_back(readPart(part));
    weight.name = weight.parts[0].name;
    weight.panel = number("panel");
    weight.packing =
        weight.panel ? weights::Packing::Panels : weights::Packing::Rows;
    weight.format =
        readFormat(entry.getAs<kernel::FormatAttr>("format").getValue());
    weight.width = weight.panel ? 0 : weight.parts[0].cols;
    weight.alignRows = number("align");
    weight.interleave = number("interleave");
    weight.bytes = number("bytes");
    weight.offset = number("offset");
    weight.repeats =
        entry.getAs<DenseI64ArrayAttr>("repeats").asArrayRef().vec();
    weight.strides =
        entry.getAs<DenseI64ArrayAttr>("strides").asArrayRef().vec();
    layout.weights.push_back(std::move(weight));
  }
  return layout;
}
