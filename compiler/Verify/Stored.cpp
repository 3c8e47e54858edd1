// Encodes with the packer's code, since which scale it takes is its choice, and
// decodes with none of it.
#include "compiler/Verify/Stored.h"

#include "compiler/Weights/Encode.h"
#include "compiler/Weights/TensorSource.h"
#include "dialects/Transformer/Transformer.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Endian.h"

#include <fmt/format.h>

#include <cmath>

using namespace llvm;
using transformer::WeightOp;

namespace verify {
namespace {

/// A whole matrix as one panel, whose width is even.
struct Encoded {
  weights::Format format;
  int64_t rows, columns, panel;
  std::vector<char> bytes;

  double value(int64_t row, int64_t column) const;

private:
  uint16_t half(int64_t at) const {
    return support::endian::read16le(bytes.data() + at);
  }
};

double fromF16(uint16_t bits) {
  int exponent = bits >> 10 & 31, fraction = bits & 1023;
  double size = exponent ? std::ldexp(1024 + fraction, exponent - 25)
                         : std::ldexp(fraction, -24);
  return bits & 0x8000 ? -size : size;
}

double fromBf16(uint16_t bits) {
  uint32_t wide = uint32_t(bits) << 16;
  float value;
  std::memcpy(&value, &wide, sizeof value);
  return value;
}

double Encoded::value(int64_t row, int64_t column) const {
  if (format == weights::Format::Bf16)
    return fromBf16(half(4 * (column / 2 * panel + row) + 2 * (column % 2)));
  int64_t bits = format == weights::Format::Int8 ? 8 : 4;
  int64_t begin = column / 32 * (4 * bits + 2) * panel, k = column % 32;
  double scale = fromF16(half(begin + 4 * bits * panel + 2 * row));
  if (bits == 8)
    return (int(uint8_t(bytes[begin + 4 * (k / 4 * panel + row) + k % 4])) -
            128) *
           scale;
  uint8_t two = bytes[begin + 4 * (k / 8 * panel + row) + k % 4];
  return (int(k % 8 < 4 ? two & 15 : two >> 4) - 8) * scale;
}

/// How far a value may be moved that has neighbours up to `largest`. A scale is
/// chosen for no more squared error of a group than the plain one has, half a
/// step of which moves each of 32 values at most; that may all be in one value.
/// Scales near the smallest f16 add their part.
double mostMoved(weights::Format format, double value, double largest) {
  switch (format) {
  case weights::Format::F32:
    break;
  case weights::Format::Bf16:
    return std::abs(value) * 0x1p-8 + 0x1p-133;
  case weights::Format::Int8:
    return std::sqrt(32.0) * largest / (2 * 127) + 127 * 0x1p-25;
  case weights::Format::Int4:
    return std::sqrt(32.0) * largest / (2 * 8) + 8 * 0x1p-25;
  }
  return 0;
}

weights::Format formatOf(transformer::Format format) {
  switch (format) {
  case transformer::Format::Bf16:
    return weights::Format::Bf16;
  case transformer::Format::Int8:
    return weights::Format::Int8;
  case transformer::Format::Int4:
    return weights::Format::Int4;
  }
  llvm_unreachable("a format");
}

Expected<Encoded> encode(StringRef name, weights::Format format,
                         ArrayRef<float> values, int64_t rows,
                         int64_t columns) {
  Encoded result{format, rows, columns, (rows + 1) / 2 * 2, {}};
  std::vector<float> panel(weights::paddedCols(format, columns) * result.panel);
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t column = 0; column < columns; ++column)
      panel[column * result.panel + row] = values[row * columns + column];
  result.bytes.resize(weights::panelBytes(format, columns, result.panel));
  if (weights::encodePanel(format, panel.data(), columns, result.panel,
                           result.bytes.data()))
    return result;
  return createStringError(fmt::format("{} cannot hold the values of '{}'",
                                       weights::formatName(format).str(),
                                       name.str()));
}

Expected<std::vector<float>> store(StringRef name, weights::Format format,
                                   std::vector<float> values, int64_t rows,
                                   int64_t columns) {
  Expected<Encoded> encoded = encode(name, format, values, rows, columns);
  if (!encoded)
    return encoded.takeError();
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t group = 0; group < columns; group += 32) {
      MutableArrayRef<float> neighbours(
          values.data() + row * columns + group,
          size_t(std::min<int64_t>(32, columns - group)));
      double largest = 0;
      for (float value : neighbours)
        largest = std::max<double>(largest, std::abs(value));
      for (auto [k, value] : enumerate(neighbours)) {
        double stored = encoded->value(row, group + int64_t(k));
        if (std::abs(stored - value) > mostMoved(format, value, largest))
          return createStringError(fmt::format(
              "'{}' is {} in row {}, column {}, but stored as {} in {}",
              name.str(), value, row, group + int64_t(k), stored,
              weights::formatName(format).str()));
        value = float(stored);
      }
    }
  return values;
}

/// The model with its encoder, if it has one.
mlir::ModuleOp moduleOf(mlir::func::FuncOp model) {
  return model->getParentOfType<mlir::ModuleOp>();
}

/// How a parameter is stored: neighbours that share a scale are those that a
/// row meets one after the other, across the matrix of each of `turned` heads.
struct Storage {
  weights::Format format;
  int64_t turned = 0;
};

int64_t turnedHeads(WeightOp op) {
  for (mlir::Operation *user : op->getUsers())
    if (auto linear = dyn_cast<transformer::HeadLinearOp>(user);
        linear && linear.getTransposed())
      return linear.getHeads();
  return 0;
}

/// Each head's matrix [rows / heads, columns] as [columns, rows / heads], or,
/// given as many columns as the heads have rows, back.
std::vector<float> turn(ArrayRef<float> values, int64_t heads, int64_t rows,
                        int64_t columns) {
  std::vector<float> turned(values.size());
  int64_t each = rows / heads;
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t column = 0; column < columns; ++column)
      turned[(row / each * columns + column) * each + row % each] =
          values[row * columns + column];
  return turned;
}

/// By the names of parameters, repetitions written out.
StringMap<Storage> storagesOf(mlir::func::FuncOp model) {
  StringMap<Storage> formats;
  moduleOf(model).walk([&](WeightOp op) {
    if (!op.getFormat())
      return;
    std::vector<int64_t> counts;
    for (mlir::Value index : op.getIndices()) {
      if (auto experts = transformer::ExpertsOp::countOf(index)) {
        counts.push_back(*experts);
        continue;
      }
      auto argument = cast<mlir::BlockArgument>(index);
      auto loop = cast<mlir::scf::ForOp>(argument.getOwner()->getParentOp());
      counts.push_back(loop.getStaticTripCount()->getSExtValue());
    }
    weights::forEachIndex(counts, [&](ArrayRef<int64_t> index) {
      formats[weights::substitute(op.getName(), index)] = {
          formatOf(*op.getFormat()), turnedHeads(op)};
    });
  });
  return formats;
}

} // namespace

bool hasFormats(mlir::func::FuncOp model) {
  return moduleOf(model)
      .walk([](WeightOp op) {
        return op.getFormat() ? mlir::WalkResult::interrupt()
                              : mlir::WalkResult::advance();
      })
      .wasInterrupted();
}

bool hasIntegers(mlir::func::FuncOp model) {
  return moduleOf(model)
      .walk([](WeightOp op) {
        bool integers =
            op.getFormat() && *op.getFormat() != transformer::Format::Bf16;
        return integers ? mlir::WalkResult::interrupt()
                        : mlir::WalkResult::advance();
      })
      .wasInterrupted();
}

reference::Weights asStored(mlir::func::FuncOp model,
                            reference::Weights weights) {
  return [formats = storagesOf(model), weights = std::move(weights)](
             StringRef name, int64_t rows,
             int64_t columns) -> Expected<std::vector<float>> {
    Expected<std::vector<float>> values = weights(name, rows, columns);
    auto format = formats.find(name);
    if (!values || format == formats.end())
      return values;
    auto [as, heads] = format->second;
    if (!heads)
      return store(name, as, std::move(*values), rows, columns);
    int64_t each = rows / heads, outputs = heads * columns;
    Expected<std::vector<float>> turned =
        store(name, as, turn(*values, heads, rows, columns), outputs, each);
    if (!turned)
      return turned.takeError();
    return turn(*turned, heads, outputs, each);
  };
}

} // namespace verify
