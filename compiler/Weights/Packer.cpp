// A piece is some consecutive packed rows. Those that come from consecutive
// rows of one part, at every packed row or at every second one (pairs of rotary
// partners), are read in one go.
#include "compiler/Weights/Packer.h"
#include "compiler/Weights/Distances.h"
#include "compiler/Weights/Encode.h"
#include "compiler/Weights/Fail.h"
#include "compiler/Weights/Heads.h"
#include "compiler/Weights/Tables.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>

using namespace llvm;

namespace weights {
namespace {

constexpr int64_t pieceBytes = 1 << 18; // of rows, about

int64_t roundUp(int64_t value, int64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

/// The first packed row of each part, then the number of packed rows.
std::vector<int64_t> placeParts(const PackedWeight &weight) {
  std::vector<int64_t> starts;
  int64_t rows = 0;
  for (const Part &part : weight.parts) {
    starts.push_back(roundUp(rows, weight.alignRows));
    rows = starts.back() + part.rows;
  }
  if (weight.interleave) {
    int64_t longest = std::max(weight.parts[0].rows, weight.parts[1].rows);
    rows = 2 * roundUp(longest, weight.interleave);
  }
  starts.push_back(rows);
  return starts;
}

bool isOffsets(const Part &part) {
  int64_t side = part.distances.reach, apart = 2 * side - 1;
  return side > 0 && part.distances.buckets == apart * apart &&
         part.rows % (side * side) == 0 && part.cols >= side * side;
}

Error checkDistances(const PackedWeight &weight, const Part &part) {
  const DistanceTable &table = part.distances;
  int64_t sides = table.causal ? 1 : 2;
  if ((part.origin == Origin::Alibi &&
       int64_t(table.slopes.size()) != part.rows) ||
      (part.origin == Origin::Buckets &&
       (table.buckets < 2 * sides || table.buckets % sides != 0 ||
        table.reach <= table.buckets / sides / 2)) ||
      (part.origin == Origin::Offsets && !isOffsets(part)))
    return fail("weight '{}': biases of {} heads by {} slopes or {} buckets to "
                "a distance of {}",
                weight.name, part.rows, table.slopes.size(), table.buckets,
                table.reach);
  return Error::success();
}

Error checkPart(const PackedWeight &weight, const Part &part) {
  if (part.rows <= 0 || part.cols <= 0)
    return fail("weight '{}': part '{}' is {} x {}", weight.name, part.name,
                part.rows, part.cols);
  if (weight.packing == Packing::Rows && part.cols > weight.width)
    return fail("weight '{}': part '{}' has {} columns, rows hold {}",
                weight.name, part.name, part.cols, weight.width);
  if (weight.packing == Packing::Panels && part.cols != weight.parts[0].cols)
    return fail("weight '{}': parts of {} and {} columns", weight.name,
                weight.parts[0].cols, part.cols);
  if (part.arrange == Arrange::HalvesToPairs &&
      (part.headDim <= 0 || part.rows % part.headDim != 0 ||
       part.rotaryDim <= 0 || part.rotaryDim % 2 != 0 ||
       part.rotaryDim > part.headDim))
    return fail("weight '{}': part '{}' of {} rows has heads of {}, {} rotated",
                weight.name, part.name, part.rows, part.headDim,
                part.rotaryDim);
  const RotaryTable &table = part.table;
  if ((part.origin == Origin::RotaryCos || part.origin == Origin::RotarySin) &&
      (table.headDim <= 0 || table.dim < 0 || table.dim > table.headDim ||
       int64_t(table.frequencies.size()) * 2 != table.dim))
    return fail("weight '{}': rotary table of {} in heads of {} with {} "
                "frequencies",
                weight.name, table.dim, table.headDim,
                table.frequencies.size());
  bool ofHeads =
      part.origin == Origin::Heads || part.origin == Origin::HeadsTransposed;
  if (ofHeads && (part.headRows <= 0 || part.headRows > part.headDim ||
                  part.rows % part.headDim != 0))
    return fail("weight '{}': part '{}' of {} rows has heads of {}, {} of them "
                "rows of the tensor",
                weight.name, part.name, part.rows, part.headDim, part.headRows);
  return checkDistances(weight, part);
}

void scaleAndShift(const Part &part, int64_t count, const Block &block) {
  for (int64_t r = 0; r < count; ++r)
    for (int64_t c = 0; c < part.cols; ++c) {
      float &value = block.data[r * block.rowStride + c * block.colStride];
      value = float(double(value) * part.scale + part.offset);
    }
}

} // namespace

int64_t packedRows(const PackedWeight &weight) {
  return placeParts(weight).back();
}

int64_t packedCols(const PackedWeight &weight) {
  int64_t cols = 0;
  for (const Part &part : weight.parts)
    cols = std::max(cols, part.cols);
  return cols;
}

int64_t packedBytes(const PackedWeight &weight) {
  if (weight.packing == Packing::Rows)
    return packedRows(weight) * weight.width * int64_t(sizeof(float));
  return roundUp(packedRows(weight), weight.panel) / weight.panel *
         panelBytes(weight.format, packedCols(weight), weight.panel);
}

Error checkWeight(const PackedWeight &weight) {
  if (weight.parts.empty() || weight.alignRows <= 0 || weight.interleave < 0 ||
      (weight.packing == Packing::Panels && weight.panel <= 0))
    return fail("weight '{}': {} parts, rows aligned to {}, panels of {}",
                weight.name, weight.parts.size(), weight.alignRows,
                weight.panel);
  if (weight.format != Format::F32 &&
      (weight.packing != Packing::Panels || weight.panel % 2 != 0))
    return fail("weight '{}': {} needs panels of an even width", weight.name,
                formatName(weight.format).str());
  if (weight.interleave && weight.parts.size() != 2)
    return fail("weight '{}': interleaves {} parts, expected 2", weight.name,
                weight.parts.size());
  for (const Part &part : weight.parts)
    if (Error error = checkPart(weight, part))
      return error;
  if (weight.bytes < packedBytes(weight))
    return fail("weight '{}': {} bytes for values of {}", weight.name,
                weight.bytes, packedBytes(weight));
  if (weight.repeats.size() != weight.strides.size())
    return fail("weight '{}': {} repeats with {} strides", weight.name,
                weight.repeats.size(), weight.strides.size());
  return Error::success();
}

static Expected<std::unique_ptr<RowReader>>
makeReader(const Part &part, const TensorSource &source,
           ArrayRef<int64_t> indices) {
  switch (part.origin) {
  case Origin::Tensor:
    return source.get(substitute(part.name, indices), part.rows, part.cols);
  case Origin::Buckets:
    return makeBuckets(part, substitute(part.name, indices), source);
  case Origin::Offsets:
    return makeOffsets(part, substitute(part.name, indices), source);
  case Origin::Heads:
  case Origin::HeadsTransposed:
    return makeHeads(part, substitute(part.name, indices), source);
  case Origin::Alibi:
    return makeAlibi(part);
  case Origin::RotaryCos:
  case Origin::RotarySin:
  case Origin::Sinusoid:
  case Origin::SinusoidHalves:
    return makeTable(part);
  }
  llvm_unreachable("every origin is above");
}

Expected<Packer> Packer::open(const PackedWeight &weight,
                              const TensorSource &source,
                              ArrayRef<int64_t> indices) {
  Packer packer(weight);
  packer.starts = placeParts(weight);
  for (const Part &part : weight.parts) {
    Expected<std::unique_ptr<RowReader>> reader =
        makeReader(part, source, indices);
    if (!reader)
      return reader.takeError();
    packer.readers.push_back(std::move(*reader));
  }
  bool panels = weight.packing == Packing::Panels;
  packer.cols =
      panels ? paddedCols(weight.format, packedCols(weight)) : weight.width;
  packer.rowsPerPiece =
      panels ? weight.panel
             : std::max<int64_t>(1, pieceBytes / 4 / weight.width);
  return packer;
}

int64_t Packer::pieces() const {
  return roundUp(starts.back(), rowsPerPiece) / rowsPerPiece;
}

Packer::SourceRow Packer::locate(int64_t packedRow) const {
  SourceRow origin;
  if (int64_t run = weight->interleave) {
    origin.part = int(packedRow / run % 2);
    origin.row = packedRow / (2 * run) * run + packedRow % run;
  } else {
    auto next = std::upper_bound(starts.begin(), starts.end() - 1, packedRow);
    origin.part = int(next - starts.begin()) - 1;
    origin.row = packedRow - starts[size_t(origin.part)];
  }
  const Part &part = weight->parts[size_t(origin.part)];
  if (origin.row >= part.rows)
    return {};
  if (part.arrange == Arrange::HalvesToPairs) {
    int64_t d = origin.row % part.headDim;
    if (d < part.rotaryDim)
      origin.row += d / 2 + d % 2 * (part.rotaryDim / 2) - d;
  }
  return origin;
}

void Packer::packRun(const SourceRow &origin, int64_t count,
                     const Block &block) const {
  const Part &part = weight->parts[size_t(origin.part)];
  readers[size_t(origin.part)]->read(origin.row, count, block);
  if (part.scale != 1.0 || part.offset != 0.0)
    scaleAndShift(part, count, block);
}

void Packer::packRows(int64_t begin, MutableArrayRef<float> values) const {
  int64_t count = std::min(rowsPerPiece, starts.back() - begin);
  std::vector<SourceRow> origins(static_cast<size_t>(count));
  bool isFull = count * cols == int64_t(values.size());
  for (int64_t r = 0; r < count; ++r) {
    SourceRow &origin = origins[size_t(r)] = locate(begin + r);
    isFull &=
        origin.part >= 0 && weight->parts[size_t(origin.part)].cols == cols;
  }
  if (!isFull) // rows between parts, padded columns
    llvm::fill(values, 0.0f);

  Block block = weight->packing == Packing::Panels
                    ? Block{values.data(), 1, weight->panel}
                    : Block{values.data(), weight->width, 1};
  auto runLength = [&](int64_t from, int64_t step) {
    SourceRow next = origins[size_t(from)];
    int64_t length = 0;
    for (int64_t r = from; r < count && origins[size_t(r)] == next; r += step) {
      ++length;
      ++next.row;
    }
    return length;
  };
  for (int64_t r = 0; r < count; ++r) {
    const SourceRow origin = origins[size_t(r)];
    if (origin.part < 0)
      continue;
    int64_t step = runLength(r, 1) == 1 ? 2 : 1;
    int64_t length = runLength(r, step);
    packRun(origin, length,
            {block.data + r * block.rowStride, step * block.rowStride,
             block.colStride});
    for (int64_t k = 0; k < length; ++k)
      origins[size_t(r + k * step)] = {};
  }
}

int64_t Packer::bytes(int64_t k) const {
  if (weight->packing == Packing::Panels)
    return panelBytes(weight->format, packedCols(*weight), weight->panel);
  int64_t rows = std::min(rowsPerPiece, starts.back() - k * rowsPerPiece);
  return rows * cols * int64_t(sizeof(float));
}

Error Packer::pack(int64_t k, char *out, std::vector<float> &scratch) const {
  if (weight->format == Format::F32) {
    packRows(k * rowsPerPiece, {reinterpret_cast<float *>(out),
                                size_t(bytes(k)) / sizeof(float)});
    return Error::success();
  }
  scratch.resize(size_t(cols * weight->panel));
  packRows(k * rowsPerPiece, scratch);
  if (encodePanel(weight->format, scratch.data(), packedCols(*weight),
                  weight->panel, out))
    return Error::success();
  return fail("weight '{}': {} cannot hold values that are not finite or "
              "larger than {}",
              weight->name, formatName(weight->format).str(),
              weight->format == Format::Int8 ? 127 * 65504 : 7 * 65504);
}

} // namespace weights
