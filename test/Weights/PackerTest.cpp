// Every packing form against the sentence that defines it, as naive loops.
#include "compiler/Weights/Packer.h"
#include "compiler/Weights/Distances.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

using namespace weights;

namespace {

using Matrix = std::vector<std::vector<float>>;

/// Tensors held in memory, by name.
class MemorySource : public TensorSource {
public:
  void add(const std::string &name, int64_t rows, int64_t cols, bool transposed,
           DType dtype = DType::F32) {
    Entry &entry = entries[name];
    entry.rows = rows;
    entry.cols = cols;
    entry.dtype = dtype;
    entry.transposed = transposed;
    for (int64_t i = 0; i < rows * cols; ++i) {
      // Small integers are exact in every type.
      float value = float(1 + (counter++ * 37) % 251);
      if (dtype == DType::F32) {
        append(entry, value);
      } else {
        uint32_t bits;
        memcpy(&bits, &value, 4);
        append(entry,
               uint16_t(dtype == DType::BF16 ? bits >> 16
                                             : ((bits >> 23) - 112) << 10 |
                                                   (bits >> 13 & 0x3ff)));
      }
    }
  }

  Matrix matrix(const std::string &name) const {
    const Entry &entry = entries.at(name);
    Matrix result(entry.rows, std::vector<float>(entry.cols));
    for (int64_t r = 0; r < entry.rows; ++r)
      for (int64_t c = 0; c < entry.cols; ++c)
        result[r][c] = element(entry, entry.transposed ? c * entry.rows + r
                                                       : r * entry.cols + c);
    return result;
  }

  llvm::Expected<std::unique_ptr<RowReader>>
  get(llvm::StringRef name, int64_t rows, int64_t cols) const override {
    const Entry &entry = entries.at(name.str());
    EXPECT_EQ(entry.rows, rows);
    EXPECT_EQ(entry.cols, cols);
    View view{entry.bytes.data(), entry.dtype, rows, cols, cols, 1};
    if (entry.transposed) {
      view.rowStride = 1;
      view.colStride = rows;
    }
    return std::make_unique<Reader>(view);
  }

private:
  struct Reader : RowReader {
    explicit Reader(const View &view) : view(view) {}
    void read(int64_t begin, int64_t count, const Block &block) const override {
      copyRows(view, begin, count, block);
    }
    View view;
  };
  struct Entry {
    int64_t rows, cols;
    DType dtype;
    bool transposed;
    std::vector<char> bytes;
  };
  template <typename T> static void append(Entry &entry, T value) {
    const char *bytes = reinterpret_cast<const char *>(&value);
    entry.bytes.insert(entry.bytes.end(), bytes, bytes + sizeof value);
  }
  static float element(const Entry &entry, int64_t i) {
    if (entry.dtype == DType::F32) {
      float value;
      memcpy(&value, entry.bytes.data() + 4 * i, 4);
      return value;
    }
    uint16_t bits;
    memcpy(&bits, entry.bytes.data() + 2 * i, 2);
    if (entry.dtype == DType::F16)
      return std::ldexp(float(1024 + (bits & 0x3ff)), (bits >> 10) - 25);
    uint32_t wide = uint32_t(bits) << 16;
    float value;
    memcpy(&value, &wide, 4);
    return value;
  }

  std::map<std::string, Entry> entries;
  int64_t counter = 0;
};

std::vector<float> packAll(const PackedWeight &weight,
                           const TensorSource &source,
                           std::vector<int64_t> indices = {}) {
  if (llvm::Error error = checkWeight(weight)) {
    ADD_FAILURE() << toString(std::move(error));
    return {};
  }
  auto packer = Packer::open(weight, source, indices);
  if (!packer) {
    ADD_FAILURE() << toString(packer.takeError());
    return {};
  }
  std::vector<float> all(size_t(packedBytes(weight)) / 4, -1), scratch;
  int64_t end = 0;
  for (int64_t k = 0; k < packer->pieces(); ++k) {
    EXPECT_EQ(toString(packer->pack(k, reinterpret_cast<char *>(&all[end / 4]),
                                    scratch)),
              "");
    end += packer->bytes(k);
  }
  EXPECT_EQ(end, packedBytes(weight));
  return all;
}

PackedWeight panels(std::vector<Part> parts, int64_t panel,
                    int64_t alignRows = 1) {
  PackedWeight weight;
  weight.name = "test";
  weight.packing = Packing::Panels;
  weight.parts = std::move(parts);
  weight.panel = panel;
  weight.alignRows = alignRows;
  weight.bytes = packedBytes(weight);
  return weight;
}

PackedWeight plainRows(std::vector<Part> parts, int64_t width) {
  PackedWeight weight;
  weight.name = "test";
  weight.parts = std::move(parts);
  weight.width = width;
  weight.bytes = packedBytes(weight);
  return weight;
}

Part part(const std::string &name, int64_t rows, int64_t cols) {
  Part result;
  result.name = name;
  result.rows = rows;
  result.cols = cols;
  return result;
}

/// Element (row, col) of the packed matrix.
float at(const std::vector<float> &packed, const PackedWeight &weight,
         int64_t row, int64_t col, int64_t cols) {
  if (weight.packing == Packing::Rows)
    return packed[row * weight.width + col];
  int64_t p = row / weight.panel, j = row % weight.panel;
  return packed[(p * cols + col) * weight.panel + j];
}

struct Shape {
  int64_t rows, cols, panel;
};

class Panels : public testing::TestWithParam<std::tuple<Shape, bool, DType>> {};

TEST_P(Panels, AreColumnsOfTheTranspose) {
  auto [shape, transposed, dtype] = GetParam();
  MemorySource source;
  source.add("w", shape.rows, shape.cols, transposed, dtype);
  PackedWeight weight =
      panels({part("w", shape.rows, shape.cols)}, shape.panel);
  std::vector<float> packed = packAll(weight, source);
  Matrix matrix = source.matrix("w");
  int64_t count = (shape.rows + shape.panel - 1) / shape.panel;
  ASSERT_EQ(int64_t(packed.size()), count * shape.cols * shape.panel);
  for (int64_t r = 0; r < count * shape.panel; ++r)
    for (int64_t c = 0; c < shape.cols; ++c)
      ASSERT_EQ(at(packed, weight, r, c, shape.cols),
                r < shape.rows ? matrix[r][c] : 0.0f)
          << r << ", " << c;
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, Panels,
    testing::Combine(testing::Values(Shape{1, 1, 64}, Shape{64, 64, 64},
                                     Shape{65, 3, 64}, Shape{200, 129, 64},
                                     Shape{127, 70, 32}, Shape{300, 1, 64},
                                     Shape{5, 1000, 16}, Shape{1, 77, 64}),
                     testing::Bool(),
                     testing::Values(DType::F32, DType::F16, DType::BF16)));

class PlainRows : public testing::TestWithParam<bool> {};

TEST_P(PlainRows, ArePaddedToTheWidth) {
  MemorySource source;
  source.add("w", 130, 67, GetParam());
  PackedWeight weight = plainRows({part("w", 130, 67)}, 80);
  std::vector<float> packed = packAll(weight, source);
  Matrix matrix = source.matrix("w");
  for (int64_t r = 0; r < 130; ++r)
    for (int64_t c = 0; c < 80; ++c)
      ASSERT_EQ(packed[r * 80 + c], c < 67 ? matrix[r][c] : 0.0f);
}

INSTANTIATE_TEST_SUITE_P(Sources, PlainRows, testing::Bool());

TEST(Packer, RowsOfManyPieces) {
  MemorySource source;
  source.add("w", 70000, 3, false);
  std::vector<float> packed =
      packAll(plainRows({part("w", 70000, 3)}, 3), source);
  Matrix matrix = source.matrix("w");
  for (int64_t i = 0; i < 70000 * 3; ++i)
    ASSERT_EQ(packed[i], matrix[i / 3][i % 3]);
}

TEST(Packer, PartsBeginAtAlignedRows) {
  MemorySource source;
  source.add("q", 70, 20, false);
  source.add("k", 10, 20, true);
  source.add("v", 33, 20, false);
  for (int64_t align : {1, 16, 64}) {
    PackedWeight weight = panels(
        {part("q", 70, 20), part("k", 10, 20), part("v", 33, 20)}, 64, align);
    std::vector<float> packed = packAll(weight, source);
    Matrix expected;
    for (const char *name : {"q", "k", "v"}) {
      while (int64_t(expected.size()) % align)
        expected.push_back(std::vector<float>(20, 0.0f));
      for (auto &row : source.matrix(name))
        expected.push_back(row);
    }
    while (expected.size() % 64)
      expected.push_back(std::vector<float>(20, 0.0f));
    ASSERT_EQ(packed.size(), expected.size() * 20);
    for (size_t r = 0; r < expected.size(); ++r)
      for (int64_t c = 0; c < 20; ++c)
        ASSERT_EQ(at(packed, weight, r, c, 20), expected[r][c]);
  }
}

TEST(Packer, InterleaveAlternatesRunsOfTwoParts) {
  for (int64_t rows : {32, 100, 172, 31}) {
    MemorySource source;
    source.add("gate", rows, 24, false);
    source.add("up", rows, 24, true);
    PackedWeight weight =
        panels({part("gate", rows, 24), part("up", rows, 24)}, 64);
    weight.interleave = 32;
    weight.bytes = packedBytes(weight);
    std::vector<float> packed = packAll(weight, source);
    Matrix gate = source.matrix("gate"), up = source.matrix("up");
    int64_t count = (rows + 31) / 32;
    ASSERT_EQ(int64_t(packed.size()), count * 24 * 64);
    for (int64_t p = 0; p < count; ++p)
      for (int64_t j = 0; j < 64; ++j)
        for (int64_t c = 0; c < 24; ++c) {
          const Matrix &from = j < 32 ? gate : up;
          int64_t row = p * 32 + j % 32;
          ASSERT_EQ(at(packed, weight, p * 64 + j, c, 24),
                    row < rows ? from[row][c] : 0.0f);
        }
  }
}

TEST(Packer, HalvesBecomePairs) {
  struct Case {
    int64_t heads, headDim, rotaryDim;
  };
  for (auto [heads, headDim, rotaryDim] :
       {Case{3, 8, 8}, Case{2, 128, 128}, Case{5, 10, 4}, Case{1, 80, 32},
        Case{2, 64, 2}}) {
    for (bool transposed : {false, true}) {
      int64_t rows = heads * headDim;
      MemorySource source;
      source.add("w", rows, 9, transposed);
      Part rotated = part("w", rows, 9);
      rotated.arrange = Arrange::HalvesToPairs;
      rotated.headDim = headDim;
      rotated.rotaryDim = rotaryDim;
      PackedWeight weight = panels({rotated}, 64);
      std::vector<float> packed = packAll(weight, source);
      Matrix matrix = source.matrix("w");
      for (int64_t h = 0; h < heads; ++h)
        for (int64_t c = 0; c < 9; ++c) {
          for (int64_t d = 0; d < rotaryDim / 2; ++d) {
            int64_t head = h * headDim;
            ASSERT_EQ(at(packed, weight, head + 2 * d, c, 9),
                      matrix[head + d][c]);
            ASSERT_EQ(at(packed, weight, head + 2 * d + 1, c, 9),
                      matrix[head + d + rotaryDim / 2][c]);
          }
          for (int64_t d = rotaryDim; d < headDim; ++d)
            ASSERT_EQ(at(packed, weight, h * headDim + d, c, 9),
                      matrix[h * headDim + d][c]);
        }
    }
  }
}

TEST(Packer, BiasesAreColumns) {
  MemorySource source;
  source.add("q", 40, 1, false);
  source.add("k", 20, 1, false);
  Part query = part("q", 40, 1);
  query.arrange = Arrange::HalvesToPairs;
  query.headDim = query.rotaryDim = 20;
  PackedWeight weight = plainRows({query, part("k", 20, 1)}, 1);
  weight.alignRows = 32;
  weight.bytes = packedBytes(weight);
  std::vector<float> packed = packAll(weight, source);
  ASSERT_EQ(packed.size(), 84u);
  for (int64_t h = 0; h < 2; ++h)
    for (int64_t d = 0; d < 20; ++d)
      EXPECT_EQ(packed[h * 20 + d],
                source.matrix("q")[h * 20 + d / 2 + d % 2 * 10][0]);
  for (int64_t r = 40; r < 84; ++r)
    EXPECT_EQ(packed[r], r < 64 ? 0.0f : source.matrix("k")[r - 64][0]);
}

TEST(Packer, ScalesThenShiftsTensorsButNotPadding) {
  MemorySource source;
  source.add("w", 1, 10, false);
  Part norm = part("w", 1, 10);
  norm.scale = 0.3;
  norm.offset = 1.0;
  std::vector<float> packed = packAll(plainRows({norm}, 16), source);
  for (int64_t c = 0; c < 16; ++c)
    EXPECT_EQ(packed[c],
              c < 10 ? float(double(source.matrix("w")[0][c]) * 0.3 + 1.0)
                     : 0.0f);
}

TEST(Packer, NamesTakeIndices) {
  MemorySource source;
  source.add("outer.3.inner.7.w", 2, 2, false);
  PackedWeight weight = plainRows({part("outer.{j}.inner.{i}.w", 2, 2)}, 2);
  std::vector<float> packed = packAll(weight, source, {7, 3});
  EXPECT_EQ(packed[3], source.matrix("outer.3.inner.7.w")[1][1]);
}

TEST(Packer, RotaryTables) {
  Part cosines = part("", 50, 24);
  cosines.origin = Origin::RotaryCos;
  cosines.table.headDim = 12;
  cosines.table.dim = 8;
  cosines.table.magnitude = 1.25;
  cosines.table.frequencies = {1.0, 0.3, 0.01, 0.002};
  Part sines = cosines;
  sines.origin = Origin::RotarySin;
  MemorySource source;
  std::vector<float> cos = packAll(plainRows({cosines}, 24), source);
  std::vector<float> sin = packAll(plainRows({sines}, 24), source);
  for (int64_t p = 0; p < 50; ++p)
    for (int64_t c = 0; c < 24; ++c) {
      int64_t j = c % 12;
      double angle = j < 8 ? double(p) * cosines.table.frequencies[j / 2] : 0;
      double sign = j % 2 ? 1.25 : -1.25;
      EXPECT_EQ(cos[p * 24 + c], j < 8 ? float(std::cos(angle) * 1.25) : 1.0f);
      EXPECT_EQ(sin[p * 24 + c], j < 8 ? float(std::sin(angle) * sign) : 0.0f);
    }
}

TEST(Packer, Sinusoids) {
  Part table = part("", 100, 7);
  table.origin = Origin::Sinusoid;
  MemorySource source;
  std::vector<float> packed = packAll(plainRows({table}, 8), source);
  for (int64_t p = 0; p < 100; ++p)
    for (int64_t i = 0; 2 * i < 7; ++i) {
      double angle = double(p) / std::pow(10000.0, 2.0 * double(i) / 7.0);
      EXPECT_NEAR(packed[p * 8 + 2 * i], std::sin(angle), 6e-8);
      if (2 * i + 1 < 7) {
        EXPECT_NEAR(packed[p * 8 + 2 * i + 1], std::cos(angle), 6e-8);
      }
    }
}

/// As in Press et al. 2022: a straight line on either side of the zero.
TEST(Packer, FallingBiases) {
  Part biases = part("", 3, 50);
  biases.origin = Origin::Alibi;
  biases.distances.zero = 33;
  biases.distances.slopes = {0.5, 0.3, 0.0625};
  MemorySource source;
  std::vector<float> packed = packAll(plainRows({biases}, 50), source);
  for (int64_t h = 0; h < 3; ++h)
    for (int64_t c = 0; c < 50; ++c)
      EXPECT_EQ(packed[h * 50 + c],
                float(-biases.distances.slopes[h] * std::abs(double(c) - 33)));
}

/// The buckets of T5 at the distances r = key - query, as its code has them.
TEST(Packer, BucketsOfDistances) {
  struct Case {
    bool causal;
    std::map<int64_t, int64_t> buckets; ///< by distance
  };
  for (const Case &expected :
       {Case{false,
             {{-200, 15},
              {-20, 10},
              {-8, 8},
              {-1, 1},
              {0, 0},
              {1, 17},
              {7, 23},
              {8, 24},
              {20, 26},
              {128, 31}}},
        Case{true,
             {{-200, 31}, {-40, 23}, {-16, 16}, {-15, 15}, {-1, 1}, {0, 0}}}}) {
    Part table = part("relative.weight", 2, 401);
    table.origin = Origin::Buckets;
    table.distances.zero = 200;
    table.distances.buckets = 32;
    table.distances.reach = 128;
    table.distances.causal = expected.causal;
    MemorySource source;
    source.add("relative.weight", 32, 2, false);
    Matrix values = source.matrix("relative.weight");
    std::vector<float> packed = packAll(plainRows({table}, 401), source);
    for (auto [distance, bucket] : expected.buckets)
      for (int64_t h = 0; h < 2; ++h)
        EXPECT_EQ(packed[h * 401 + 200 + distance], values[bucket][h])
            << distance << (expected.causal ? ", causal" : "");
  }
}

/// Rows of a tile of 3 x 3 against Swin's relative_position_index: queries and
/// keys in order, of two heads.
TEST(Packer, OffsetsInTiles) {
  Part table = part("table.weight", 18, 16);
  table.origin = Origin::Offsets;
  table.distances.buckets = 25;
  table.distances.reach = 3;
  MemorySource source;
  source.add("table.weight", 25, 2, false);
  Matrix values = source.matrix("table.weight");
  std::vector<float> packed = packAll(plainRows({table}, 16), source);
  const int firstAndLast[2][9] = {{12, 11, 10, 7, 6, 5, 2, 1, 0},
                                  {24, 23, 22, 19, 18, 17, 14, 13, 12}};
  for (int64_t h = 0; h < 2; ++h)
    for (int64_t key = 0; key < 9; ++key) {
      EXPECT_EQ(packed[(h * 9) * 16 + key], values[firstAndLast[0][key]][h]);
      EXPECT_EQ(packed[(h * 9 + 8) * 16 + key],
                values[firstAndLast[1][key]][h]);
    }
  EXPECT_EQ(packed[9], 0.0f);
  table.distances.buckets = 24;
  EXPECT_NE(toString(checkWeight(plainRows({table}, 16))), "");
}

/// Heads begin with a panel; zeros behind their rows. Turned ones are read
/// across the rows of the tensor that are theirs.
TEST(Packer, HeadsInPanelsOfTheirOwn) {
  MemorySource source;
  source.add("plain.weight", 6, 5, false);
  source.add("turned.weight", 10, 3, false);
  Matrix plain = source.matrix("plain.weight");
  Matrix turned = source.matrix("turned.weight");
  for (Origin origin : {Origin::Heads, Origin::HeadsTransposed}) {
    bool isPlain = origin == Origin::Heads;
    Part heads = part(isPlain ? "plain.weight" : "turned.weight", 8, 5);
    heads.origin = origin;
    heads.headDim = 4;
    heads.headRows = 3;
    std::vector<float> packed = packAll(plainRows({heads}, 5), source);
    for (int64_t h = 0; h < 2; ++h)
      for (int64_t c = 0; c < 5; ++c) {
        for (int64_t r = 0; r < 3; ++r)
          EXPECT_EQ(packed[(h * 4 + r) * 5 + c],
                    isPlain ? plain[h * 3 + r][c] : turned[h * 5 + c][r]);
        EXPECT_EQ(packed[(h * 4 + 3) * 5 + c], 0.0f);
      }
    heads.headRows = 5;
    EXPECT_NE(toString(checkWeight(plainRows({heads}, 5))), "");
  }
}

/// The first distance of a bucket and the last one before it, against
/// logarithms, where these are not next to a whole number.
TEST(Packer, BucketsGrowWithTheLogarithm) {
  for (auto [buckets, reach] :
       {std::pair(16, 128), std::pair(32, 128), std::pair(2, 2),
        std::pair(3, 9), std::pair(7, 5), std::pair(256, 100000)}) {
    std::vector<int64_t> starts = bucketStarts(buckets, reach);
    ASSERT_EQ(int64_t(starts.size()), buckets);
    const int64_t exact = buckets / 2;
    for (int64_t k = 0; k < buckets; ++k) {
      if (k <= exact) {
        EXPECT_EQ(starts[k], k);
        continue;
      }
      auto grown = [&](int64_t distance) {
        return std::log(double(distance) / double(exact)) /
               std::log(double(reach) / double(exact)) *
               double(buckets - exact);
      };
      EXPECT_GE(grown(starts[k]), double(k - exact) - 1e-9);
      EXPECT_LT(grown(starts[k] - 1), double(k - exact) + 1e-9);
    }
  }
}

/// As tensor2tensor has them, counted from 2.
TEST(Packer, SinusoidsInHalves) {
  Part table = part("", 50, 8);
  table.origin = Origin::SinusoidHalves;
  table.table.first = 2;
  for (int i = 0; i < 4; ++i)
    table.table.frequencies.push_back(std::pow(10000.0, -i / 3.0));
  MemorySource source;
  std::vector<float> packed = packAll(plainRows({table}, 8), source);
  for (int64_t p = 0; p < 50; ++p)
    for (int64_t i = 0; i < 4; ++i) {
      double angle = double(p + 2) * table.table.frequencies[size_t(i)];
      EXPECT_NEAR(packed[size_t(p * 8 + i)], std::sin(angle), 6e-8);
      EXPECT_NEAR(packed[size_t(p * 8 + i + 4)], std::cos(angle), 6e-8);
    }
}

TEST(Packer, RefusesContradictoryWeights) {
  auto message = [](const PackedWeight &weight) {
    return toString(checkWeight(weight));
  };
  PackedWeight narrow = plainRows({part("w", 4, 8)}, 7);
  EXPECT_NE(message(narrow).find("8 columns, rows hold 7"), std::string::npos);
  PackedWeight uneven = panels({part("a", 4, 8), part("b", 4, 9)}, 64);
  EXPECT_NE(message(uneven).find("parts of 8 and 9 columns"),
            std::string::npos);
  PackedWeight small = panels({part("a", 4, 8)}, 64);
  small.bytes -= 4;
  EXPECT_NE(message(small).find("bytes for values of"), std::string::npos);
  PackedWeight plain = plainRows({part("a", 4, 8)}, 8);
  plain.format = Format::Int8;
  EXPECT_NE(message(plain).find("int8 needs panels"), std::string::npos);
  PackedWeight three =
      panels({part("a", 4, 8), part("b", 4, 8), part("c", 4, 8)}, 64);
  three.interleave = 32;
  EXPECT_NE(message(three).find("interleaves 3 parts"), std::string::npos);
  PackedWeight biases = plainRows({part("", 4, 8)}, 8);
  biases.parts[0].origin = Origin::Alibi;
  biases.parts[0].distances.slopes = {0.5};
  EXPECT_NE(message(biases).find("4 heads by 1 slopes"), std::string::npos);
}

} // namespace
