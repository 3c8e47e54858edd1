// The hash tells layouts apart by every field.
#include "compiler/Weights/Layout.h"

#include "llvm/Support/raw_ostream.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

using namespace weights;

namespace {

Layout someLayout() {
  Part part;
  part.name = "layers.{i}.attention.query.weight";
  part.rows = 64;
  part.cols = 32;
  part.table.frequencies = {1.0, 0.5};
  PackedWeight weight;
  weight.name = "query";
  weight.parts = {part, part};
  weight.repeats = {3};
  weight.strides = {4096};
  Layout layout;
  layout.weights = {weight, weight};
  layout.bytes = 99;
  return layout;
}

TEST(Layout, HashCoversEveryField) {
  using Change = std::function<void(Layout &, PackedWeight &, Part &)>;
#define CHANGE(STATEMENT)                                                      \
  [](Layout &layout, PackedWeight &weight, Part &part) {                       \
    (void)layout, (void)weight, (void)part;                                    \
    STATEMENT;                                                                 \
  }
  const std::vector<Change> changes = {
      CHANGE(),
      CHANGE(layout.bytes = 1),
      CHANGE(layout.weights.pop_back()),
      CHANGE(weight.name = "key"),
      CHANGE(weight.packing = Packing::Panels),
      CHANGE(weight.format = Format::Bf16),
      CHANGE(weight.parts.pop_back()),
      CHANGE(weight.alignRows = 2),
      CHANGE(weight.interleave = 2),
      CHANGE(weight.panel = 2),
      CHANGE(weight.width = 2),
      CHANGE(weight.bytes = 2),
      CHANGE(weight.offset = 2),
      CHANGE(weight.repeats = {4}),
      CHANGE(weight.strides = {4}),
      CHANGE(part.origin = Origin::Sinusoid),
      CHANGE(part.name = "a"),
      CHANGE(part.rows = 1),
      CHANGE(part.cols = 1),
      CHANGE(part.arrange = Arrange::HalvesToPairs),
      CHANGE(part.headDim = 1),
      CHANGE(part.rotaryDim = 1),
      CHANGE(part.offset = 1),
      CHANGE(part.scale = 2),
      CHANGE(part.table.headDim = 1),
      CHANGE(part.table.dim = 1),
      CHANGE(part.table.theta = 1),
      CHANGE(part.table.magnitude = 2),
      CHANGE(part.table.first = 1),
      CHANGE(part.table.frequencies[1] = 0.25)};
  std::set<uint64_t> hashes;
  for (const Change &change : changes) {
    Layout layout = someLayout();
    change(layout, layout.weights[0], layout.weights[0].parts[1]);
    EXPECT_EQ(layout.hash(), Layout(layout).hash());
    hashes.insert(layout.hash());
  }
  EXPECT_EQ(hashes.size(), changes.size());
}

/// Of biases by distance, and of nothing else: other parts have none.
TEST(Layout, HashCoversDistances) {
  using Change = std::function<void(DistanceTable &)>;
  const std::vector<Change> changes = {
      [](DistanceTable &) {},
      [](DistanceTable &table) { table.zero = 1; },
      [](DistanceTable &table) { table.slopes = {0.5}; },
      [](DistanceTable &table) { table.buckets = 1; },
      [](DistanceTable &table) { table.reach = 1; },
      [](DistanceTable &table) { table.causal = true; }};
  for (Origin origin :
       {Origin::Alibi, Origin::Buckets, Origin::Offsets, Origin::Tensor}) {
    std::set<uint64_t> hashes;
    for (const Change &change : changes) {
      Layout layout = someLayout();
      layout.weights[0].parts[1].origin = origin;
      change(layout.weights[0].parts[1].distances);
      hashes.insert(layout.hash());
    }
    EXPECT_EQ(hashes.size(), origin == Origin::Tensor ? 1 : changes.size());
  }
}

TEST(Layout, OfNothingHasTheHashOfTwoZeros) {
  // FNV-1a over 16 zero bytes, from its definition.
  uint64_t expected = 0xcbf29ce484222325;
  for (int i = 0; i < 16; ++i)
    expected *= 0x100000001b3;
  EXPECT_EQ(Layout().hash(), expected);
}

TEST(Layout, PrintsALineForEachWeightAndPart) {
  std::string text;
  llvm::raw_string_ostream os(text);
  someLayout().print(os);
  EXPECT_NE(text.find("query: offset 0, 0 bytes, 3 copies every 4096"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("rows of 0 in"), std::string::npos) << text;
  EXPECT_NE(text.find("  layers.{i}.attention.query.weight [64, 32]"),
            std::string::npos)
      << text;
}

TEST(Layout, PrintsFormatsOtherThanF32) {
  Layout layout = someLayout();
  layout.weights[0].format = Format::Int4;
  std::string text;
  llvm::raw_string_ostream os(text);
  layout.print(os);
  EXPECT_NE(text.find("rows of 0 in int4"), std::string::npos) << text;
}

} // namespace
