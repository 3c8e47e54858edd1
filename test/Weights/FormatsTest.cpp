// What is packed in each format, decoded by the sentences of Layout.h in double
// and compared with the values, with exhaustive searches and with itself.
#include "compiler/Weights/Encode.h"
#include "compiler/Weights/Packer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>

using namespace weights;

namespace {

using Matrix = std::vector<std::vector<float>>;

double f16(uint16_t bits) {
  int exponent = bits >> 10 & 31, fraction = bits & 1023;
  double size = exponent ? std::ldexp(1024 + fraction, exponent - 25)
                         : std::ldexp(fraction, -24);
  return bits & 0x8000 ? -size : size;
}

/// The two halves of a dword, or its bytes, of packed memory.
template <typename T> T load(const std::vector<char> &bytes, int64_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

struct Decoded {
  double value, scale;
  int q;
};

/// Column c of row r of panels.
Decoded decode(const std::vector<char> &bytes, Format format, int64_t panel,
               int64_t cols, int64_t r, int64_t c) {
  int64_t j = r % panel;
  if (format == Format::Bf16) {
    int64_t pairs = (cols + 1) / 2;
    int64_t dword = (r / panel * pairs + c / 2) * panel + j;
    uint32_t wide = uint32_t(load<uint16_t>(bytes, 4 * dword + c % 2 * 2))
                    << 16;
    float value;
    std::memcpy(&value, &wide, 4);
    return {value, 0, 0};
  }
  int64_t dwords = format == Format::Int8 ? 8 : 4;
  int64_t groups = (cols + 31) / 32, k = c % 32;
  int64_t at = (r / panel * groups + c / 32) * (4 * dwords + 2) * panel;
  double scale = f16(load<uint16_t>(bytes, at + 4 * dwords * panel + 2 * j));
  int q;
  if (format == Format::Int8) {
    q = load<uint8_t>(bytes, at + 4 * (k / 4 * panel + j) + k % 4) - 128;
  } else {
    int byte = load<uint8_t>(bytes, at + 4 * (k / 8 * panel + j) + k % 4);
    q = (k % 8 < 4 ? byte & 15 : byte >> 4) - 8;
  }
  return {q * scale, scale, q};
}

class Source : public TensorSource {
public:
  explicit Source(std::vector<Matrix> matrices)
      : matrices(std::move(matrices)) {}
  /// "0", "1", ...
  llvm::Expected<std::unique_ptr<RowReader>> get(llvm::StringRef name, int64_t,
                                                 int64_t) const override {
    return std::make_unique<Reader>(matrices[name[0] - '0']);
  }

private:
  struct Reader : RowReader {
    explicit Reader(const Matrix &matrix) : matrix(matrix) {}
    void read(int64_t begin, int64_t count, const Block &block) const override {
      for (int64_t r = 0; r < count; ++r)
        for (size_t c = 0; c < matrix[0].size(); ++c)
          block.data[r * block.rowStride + int64_t(c) * block.colStride] =
              matrix[begin + r][c];
    }
    const Matrix &matrix;
  };
  std::vector<Matrix> matrices;
};

Matrix normal(int64_t rows, int64_t cols, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> values(0.0f, 0.02f);
  Matrix matrix(rows, std::vector<float>(cols));
  for (auto &row : matrix)
    for (float &value : row)
      value = values(random);
  return matrix;
}

PackedWeight panels(const std::vector<Matrix> &matrices, int64_t panel,
                    Format format) {
  PackedWeight weight;
  weight.name = "test";
  weight.packing = Packing::Panels;
  weight.format = format;
  weight.panel = panel;
  for (size_t k = 0; k < matrices.size(); ++k) {
    Part part;
    part.name = std::to_string(k);
    part.rows = int64_t(matrices[k].size());
    part.cols = int64_t(matrices[k][0].size());
    weight.parts.push_back(part);
  }
  weight.bytes = packedBytes(weight);
  return weight;
}

std::vector<char> pack(PackedWeight weight, const Source &source,
                       std::string *failure = nullptr) {
  weight.bytes = packedBytes(weight);
  EXPECT_EQ(toString(checkWeight(weight)), "");
  Packer packer = llvm::cantFail(Packer::open(weight, source, {}));
  std::vector<char> all(size_t(weight.bytes), '?');
  std::vector<float> scratch;
  int64_t end = 0;
  for (int64_t k = 0; k < packer.pieces(); ++k) {
    std::string error = toString(packer.pack(k, all.data() + end, scratch));
    end += packer.bytes(k);
    if (failure)
      *failure += error;
    else
      EXPECT_EQ(error, "");
  }
  EXPECT_EQ(end, weight.bytes);
  return all;
}

std::vector<char> pack(const Matrix &matrix, int64_t panel, Format format) {
  return pack(panels({matrix}, panel, format), Source({matrix}));
}

/// Values as packed, [rows][cols].
Matrix unpack(const std::vector<char> &bytes, Format format, int64_t panel,
              int64_t rows, int64_t cols) {
  Matrix matrix(rows, std::vector<float>(cols));
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < cols; ++c)
      matrix[r][c] = float(decode(bytes, format, panel, cols, r, c).value);
  return matrix;
}

//===- Single values ------------------------------------------------------===//

TEST(F16, EveryValueAndTheTiesBetween) {
  for (uint32_t bits = 0; bits < 0x7c00; ++bits) {
    double here = f16(uint16_t(bits)), next = f16(uint16_t(bits + 1));
    ASSERT_EQ(toF16(float(here)), bits);
    ASSERT_EQ(toF16(-float(here)), 0x8000 | bits);
    if (bits == 0x7bff)
      break;
    float tie = float((here + next) / 2);
    ASSERT_EQ(toF16(tie), bits + bits % 2) << bits;
    ASSERT_EQ(toF16(std::nextafterf(tie, 0.0f)), bits);
    ASSERT_EQ(toF16(std::nextafterf(tie, 1e9f)), bits + 1);
  }
  EXPECT_EQ(toF16(1e20f), 0x7bff);
  EXPECT_EQ(toF16(-1e20f), 0xfbff);
}

TEST(Bf16, NearestWithTiesToEvenAndNaNsKept) {
  auto wide = [](uint32_t bits) {
    float value;
    std::memcpy(&value, &bits, 4);
    return value;
  };
  for (uint32_t bits = 0; bits < 0x7f80; ++bits) {
    ASSERT_EQ(toBf16(wide(bits << 16)), bits);
    ASSERT_EQ(toBf16(wide(bits << 16 | 0x7fff)), bits);
    ASSERT_EQ(toBf16(wide(bits << 16 | 0x8000)), bits + bits % 2);
    ASSERT_EQ(toBf16(wide(bits << 16 | 0x8001)), bits + 1);
    ASSERT_EQ(toBf16(-wide(bits << 16 | 0x8001)), 0x8000 | (bits + 1));
  }
  EXPECT_EQ(toBf16(INFINITY), 0x7f80);
  EXPECT_EQ(toBf16(wide(0x7f800001)), 0x7fc0);
  EXPECT_EQ(toBf16(wide(0xffffffff)), 0xffff);
}

//===- Panels -------------------------------------------------------------===//

struct Shape {
  int64_t rows, cols, panel;
};

class Formats : public testing::TestWithParam<std::tuple<Shape, Format>> {};

/// What is between two neighbours of the format is at most half a step away,
/// but where the ends of the range cut it off.
void expectNear(const Decoded &decoded, Format format, float value) {
  if (format == Format::Bf16) {
    double step = std::ldexp(1, std::max(std::ilogb(value), -126) - 7);
    ASSERT_LE(std::fabs(decoded.value - value), step / 2);
    return;
  }
  int least = format == Format::Int8 ? -127 : -8, most = -least;
  most -= format == Format::Int4;
  ASSERT_GE(decoded.q, least);
  ASSERT_LE(decoded.q, most);
  double exact = decoded.scale == 0 ? 0 : value / decoded.scale;
  if (exact > least && exact < most) {
    ASSERT_LE(std::fabs(exact - decoded.q), 0.5 + 1e-4) << value;
  } else {
    ASSERT_EQ(decoded.q, exact <= least ? least : most);
  }
}

TEST_P(Formats, HoldEveryValueAndZerosAround) {
  auto [shape, format] = GetParam();
  Matrix matrix = normal(shape.rows, shape.cols, 1);
  std::vector<char> bytes = pack(matrix, shape.panel, format);
  int64_t fill = format == Format::Bf16 ? 2 : 32;
  int64_t rows = (shape.rows + shape.panel - 1) / shape.panel * shape.panel;
  int64_t cols = (shape.cols + fill - 1) / fill * fill;
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < cols; ++c) {
      Decoded decoded = decode(bytes, format, shape.panel, shape.cols, r, c);
      if (r < shape.rows && c < shape.cols) {
        expectNear(decoded, format, matrix[r][c]);
      } else {
        ASSERT_EQ(decoded.value, 0);
        ASSERT_EQ(decoded.q, 0);
      }
      if (r >= shape.rows) {
        ASSERT_EQ(decoded.scale, 0);
        ASSERT_FALSE(std::signbit(decoded.scale));
      }
    }
}

TEST_P(Formats, HoldWhatTheyHoldAlready) {
  auto [shape, format] = GetParam();
  Matrix matrix = normal(shape.rows, shape.cols, 2);
  std::vector<char> once = pack(matrix, shape.panel, format);
  Matrix held = unpack(once, format, shape.panel, shape.rows, shape.cols);
  std::vector<char> twice = pack(held, shape.panel, format);
  EXPECT_TRUE(unpack(twice, format, shape.panel, shape.rows, shape.cols) ==
              held);
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, Formats,
    testing::Combine(testing::Values(Shape{1, 1, 16}, Shape{64, 64, 32},
                                     Shape{65, 3, 64}, Shape{50, 129, 48},
                                     Shape{33, 70, 6}, Shape{300, 31, 64},
                                     Shape{5, 1000, 16}, Shape{2, 33, 2}),
                     testing::Values(Format::Bf16, Format::Int8,
                                     Format::Int4)));

/// The rows of two parts alternate, rotary halves are pairs: as in f32.
TEST(Formats, ArrangeRowsAsInF32) {
  std::vector<Matrix> matrices = {normal(40, 37, 3), normal(40, 37, 4)};
  for (Format format : {Format::Bf16, Format::Int8, Format::Int4})
    for (bool interleaved : {true, false}) {
      PackedWeight weight = panels(matrices, 32, format);
      weight.interleave = interleaved ? 16 : 0;
      weight.alignRows = interleaved ? 1 : 32;
      for (Part &part : weight.parts)
        if (!interleaved) {
          part.arrange = Arrange::HalvesToPairs;
          part.headDim = 20;
          part.rotaryDim = 16;
        }
      Source source(matrices);
      std::vector<char> bytes = pack(weight, source);
      weight.format = Format::F32;
      std::vector<char> plain = pack(weight, source);
      int64_t rows = int64_t(plain.size()) / 37 / 4;
      for (int64_t r = 0; r < rows; ++r)
        for (int64_t c = 0; c < 37; ++c)
          expectNear(decode(bytes, format, 32, 37, r, c), format,
                     load<float>(plain, 4 * ((r / 32 * 37 + c) * 32 + r % 32)));
    }
}

//===- Scales -------------------------------------------------------------===//

/// Blocks of GGUF: their largest value is mostly at 127 (Q8_0) or -8 (Q4_0),
/// but any integers times any f16 may be there.
TEST(Formats, KeepValuesThatAreQuantisedAlready) {
  std::mt19937 random(5);
  auto matrixOf = [&](int least, int most, int extreme) {
    Matrix matrix(64, std::vector<float>(96));
    for (auto &row : matrix)
      for (int64_t c = 0; c < 96; ++c) {
        static float scale;
        if (c % 32 == 0)
          scale = float(f16(uint16_t(1 + random() % 0x7bfe))) *
                  (random() % 2 ? 1.0f : -1.0f);
        int q = least + int(random() % unsigned(most - least + 1));
        row[c] = float(c % 32 == 7 && extreme ? extreme : q) * scale;
      }
    return matrix;
  };
  for (int extreme : {127, -127, -128, 124, 120, 119, 100, 97, 96, -85, 64, 63,
                      50, 31, -17, 7, 3, 2, 1}) {
    int most = std::min(std::abs(extreme), 127);
    Matrix matrix = matrixOf(-most, most, extreme);
    for (auto &row : matrix)
      for (float &value : row)
        if (std::fabs(value) > 127 * 65504.0f) // -128 times the largest scale
          value = 0;
    EXPECT_TRUE(unpack(pack(matrix, 32, Format::Int8), Format::Int8, 32, 64,
                       96) == matrix);
  }
  for (auto [least, most, extreme] : {std::tuple(-8, 7, -8),
                                      {-8, 7, 0},
                                      {-7, 7, 7},
                                      {-1, 1, 0},
                                      {-3, 2, 0},
                                      {-5, 6, 0},
                                      {0, 0, 0}}) {
    Matrix matrix = matrixOf(least, most, extreme);
    for (auto &row : matrix)
      for (float &value : row)
        if (std::fabs(value) > 7 * 65504) // -8 times the largest scales
          value = 0;
    EXPECT_TRUE(unpack(pack(matrix, 32, Format::Int4), Format::Int4, 32, 64,
                       96) == matrix);
  }
}

/// Of all f16 scales, with exact arithmetic.
double leastError(const float *x, int least, int most) {
  double extreme = 0, best = INFINITY;
  for (int k = 0; k < 32; ++k)
    extreme = std::max(extreme, std::fabs(double(x[k])));
  for (int bits = 1; bits < 0x10000; ++bits) {
    double scale = f16(uint16_t(bits));
    double steps = extreme / std::fabs(scale);
    if ((bits & 0x7fff) >= 0x7c00 || !(steps > most * 0.75) ||
        steps > most * 1.5)
      continue;
    double error = 0;
    for (int k = 0; k < 32; ++k) {
      double q = std::nearbyint(x[k] / scale);
      q = std::min<double>(std::max<double>(q, least), most);
      error += (x[k] - q * scale) * (x[k] - q * scale);
    }
    best = std::min(best, error);
  }
  return best;
}

TEST(Formats, ScalesAreNearlyTheBest) {
  Matrix matrix = normal(200, 32, 6);
  for (Format format : {Format::Int8, Format::Int4}) {
    bool eight = format == Format::Int8;
    std::vector<char> bytes = pack(matrix, 32, format);
    double packed = 0, best = 0;
    for (int64_t r = 0; r < 200; ++r) {
      double error = 0;
      for (int64_t c = 0; c < 32; ++c) {
        double d = matrix[r][c] - decode(bytes, format, 32, 32, r, c).value;
        error += d * d;
      }
      double least =
          leastError(matrix[r].data(), eight ? -127 : -8, eight ? 127 : 7);
      ASSERT_GE(error, least * (1 - 1e-5));
      packed += error;
      best += least;
    }
    EXPECT_LE(packed, best * (eight ? 1.08 : 1.02));
  }
}

TEST(Formats, RefuseValuesThatTheyCannotHold) {
  for (float value : {NAN, INFINITY, -INFINITY, 1e7f}) {
    Matrix matrix = normal(3, 40, 7);
    matrix[1][33] = value;
    std::string failure;
    pack(panels({matrix}, 2, Format::Int4), Source({matrix}), &failure);
    EXPECT_EQ(failure, "weight 'test': int4 cannot hold values that are not "
                       "finite or larger than 458528");
  }
  Matrix matrix = {{NAN, INFINITY, -INFINITY}};
  std::vector<char> bytes = pack(matrix, 2, Format::Bf16);
  EXPECT_TRUE(std::isnan(decode(bytes, Format::Bf16, 2, 3, 0, 0).value));
  EXPECT_EQ(decode(bytes, Format::Bf16, 2, 3, 0, 1).value, INFINITY);
  EXPECT_EQ(decode(bytes, Format::Bf16, 2, 3, 0, 2).value, -INFINITY);
}

} // namespace
