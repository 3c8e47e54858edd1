// What is where in a weights file, for people and tools.
#include "compiler/Weights/WeightsFile.h"

#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace weights {
namespace {

void describePart(json::OStream &json, const Part &part) {
  constexpr StringRef origins[] = {"tensor",         "rotary_cos", "rotary_sin",
                                   "sinusoid",       "alibi",      "buckets",
                                   "sinusoid_halves"};
  json.object([&] {
    if (!part.name.empty())
      json.attribute("name", part.name);
    if (part.origin != Origin::Tensor)
      json.attribute("table", origins[size_t(part.origin)]);
    json.attribute("rows", part.rows);
    json.attribute("cols", part.cols);
    if (part.arrange == Arrange::HalvesToPairs) {
      json.attribute("pairs_of", part.rotaryDim);
      json.attribute("head_dim", part.headDim);
    }
    if (part.scale != 1.0)
      json.attribute("scale", part.scale);
    if (part.offset != 0.0)
      json.attribute("offset", part.offset);
  });
}

void describeWeight(json::OStream &json, const PackedWeight &weight) {
  json.object([&] {
    json.attribute("name", weight.name);
    json.attribute("format", formatName(weight.format));
    json.attribute("offset", weight.offset);
    json.attribute("bytes", weight.bytes);
    if (!weight.repeats.empty()) {
      json.attribute("repeats", json::Array(weight.repeats));
      json.attribute("strides", json::Array(weight.strides));
    }
    if (weight.packing == Packing::Panels)
      json.attribute("panel", weight.panel);
    else
      json.attribute("width", weight.width);
    if (weight.alignRows != 1)
      json.attribute("align_rows", weight.alignRows);
    if (weight.interleave)
      json.attribute("interleave", weight.interleave);
    json.attributeArray("parts", [&] {
      for (const Part &part : weight.parts)
        describePart(json, part);
    });
  });
}

} // namespace

std::string describeLayout(const Layout &layout, const Metadata &metadata) {
  std::string text;
  raw_string_ostream os(text);
  json::OStream json(os, /*IndentSize=*/1);
  json.object([&] {
    for (const auto &[key, value] : metadata)
      json.attribute(key, json::isUTF8(value) ? value : json::fixUTF8(value));
    json.attributeArray("weights", [&] {
      for (const PackedWeight &weight : layout.weights)
        describeWeight(json, weight);
    });
  });
  os << "\n";
  return text;
}

} // namespace weights
