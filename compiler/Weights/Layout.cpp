// The fingerprint of a layout and its readable form.
#include "compiler/Weights/Layout.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/raw_ostream.h"

#include <bit>

namespace weights {
namespace {

class Fnv1a {
public:
  void add(uint64_t value) {
    for (int shift = 0; shift < 64; shift += 8)
      byte(uint8_t(value >> shift));
  }
  void add(int64_t value) { add(uint64_t(value)); }
  void add(double value) { add(std::bit_cast<uint64_t>(value)); }
  void add(const std::string &text) {
    add(uint64_t(text.size()));
    for (char c : text)
      byte(uint8_t(c));
  }
  template <typename T> void add(const std::vector<T> &values) {
    add(uint64_t(values.size()));
    for (const T &value : values)
      add(value);
  }
  void add(const RotaryTable &table) {
    add(table.headDim);
    add(table.dim);
    add(table.theta);
    add(table.magnitude);
    add(table.frequencies);
    if (table.first != 0)
      add(table.first);
  }
  void add(const DistanceTable &table) {
    add(table.zero);
    add(table.slopes);
    add(table.buckets);
    add(table.reach);
    add(uint64_t(table.causal));
  }
  void add(const Part &part) {
    add(uint64_t(part.origin));
    add(part.name);
    add(part.rows);
    add(part.cols);
    add(uint64_t(part.arrange));
    add(part.headDim);
    add(part.rotaryDim);
    add(part.offset);
    add(part.scale);
    add(part.table);
    if (part.origin == Origin::Alibi || part.origin == Origin::Buckets ||
        part.origin == Origin::Offsets)
      add(part.distances);
    if (part.headRows)
      add(part.headRows);
  }
  void add(const PackedWeight &weight) {
    add(weight.name);
    add(uint64_t(weight.packing));
    add(uint64_t(weight.format));
    add(weight.parts);
    add(weight.alignRows);
    add(weight.interleave);
    add(weight.panel);
    add(weight.width);
    add(weight.bytes);
    add(weight.offset);
    add(weight.repeats);
    add(weight.strides);
  }
  uint64_t value() const { return state; }

private:
  void byte(uint8_t value) { state = (state ^ value) * 0x100000001b3; }
  uint64_t state = 0xcbf29ce484222325;
};

} // namespace

llvm::StringRef formatName(Format format) {
  constexpr llvm::StringLiteral names[] = {"f32", "bf16", "int8", "int4"};
  return names[size_t(format)];
}

uint64_t Layout::hash() const {
  Fnv1a hash;
  hash.add(weights);
  hash.add(bytes);
  return hash.value();
}

void Layout::print(llvm::raw_ostream &os) const {
  for (const PackedWeight &weight : weights) {
    os << weight.name << ": offset " << weight.offset << ", " << weight.bytes
       << " bytes";
    for (size_t k = 0; k < weight.repeats.size(); ++k)
      os << ", " << weight.repeats[k] << " copies every " << weight.strides[k];
    if (weight.packing == Packing::Panels)
      os << ", panels of " << weight.panel;
    else
      os << ", rows of " << weight.width;
    if (weight.format != Format::F32)
      os << " in " << formatName(weight.format);
    if (weight.interleave)
      os << ", interleaved by " << weight.interleave;
    os << "\n";
    for (const Part &part : weight.parts) {
      const char *origins[] = {
          "",       "rotary cosines ",    "rotary sines ",        "sinusoids ",
          "alibi ", "buckets of ",        "sinusoids in halves ", "offsets of ",
          "heads ", "heads, transposed, "};
      os << "  " << origins[int(part.origin)] << part.name << " [" << part.rows
         << ", " << part.cols << "]";
      if (part.arrange == Arrange::HalvesToPairs)
        os << ", pairs of " << part.rotaryDim << " in " << part.headDim;
      if (part.scale != 1.0)
        os << ", times " << part.scale;
      if (part.offset != 0.0)
        os << ", plus " << part.offset;
      os << "\n";
    }
  }
  os << bytes << " bytes in all\n";
}

} // namespace weights
