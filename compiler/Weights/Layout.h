// What the weights file of a compiled model holds and where: the contract
// between the compiler (which plans it), the packer (which writes it) and the
// generated code (which reads it at these offsets).
#ifndef COMPILER_WEIGHTS_LAYOUT_H
#define COMPILER_WEIGHTS_LAYOUT_H

#include <cstdint>
#include <string>
#include <vector>

namespace llvm {
class raw_ostream;
class StringRef;
} // namespace llvm

namespace weights {

enum class Packing {
  Rows,   ///< [rows][cols padded to `width`], row-major
  Panels, ///< [ceil(rows/panel)][cols][panel]: column panels of the transpose,
          ///< the order in which a matmul reads its right-hand side
};

/// How a value is stored. int8 and int4 have one f16 scale for each `group` of
/// neighbours along a row of a part: value = q * scale.
enum class Format {
  F32,
  Bf16, ///< Panels: [panels][ceil(cols/2)][panel] dwords, the even column in
        ///< the low half, an odd last one with a zero
  Int8, ///< Panels: [panels][ceil(cols/32)] groups of [8][panel] dwords, each
        ///< 4 columns of a row as bytes q + 128, then [panel] scales
  Int4, ///< likewise with [4][panel] dwords: dword j has columns 8j..8j+3 in
        ///< the low halves of its bytes, 8j+4..8j+7 in the high ones, as q + 8
};

/// Columns that share a scale.
constexpr int64_t group = 32;

/// "f32", "bf16", "int8", "int4".
llvm::StringRef formatName(Format format);

/// How the rows (output features) of a part are arranged.
enum class Arrange {
  AsIs,
  /// Each head's rotated part of `rotaryDim` rows in halves layout (d pairs
  /// with d + rotaryDim/2) becomes pairs (0, R/2, 1, R/2 + 1, ...), so that
  /// rotary partners are neighbours; the rest of the head stays in place.
  HalvesToPairs,
};

/// Where the values come from.
enum class Origin {
  Tensor,    ///< the source tensor `name`, [rows, cols] (1-D: rows = 1)
  RotaryCos, ///< generated: cos table [rows = positions, cols], see
             ///< RotaryTable: column j serves column j mod headDim of a head in
             ///< pairs layout (columns 2d and 2d + 1 have frequency d; 1 beyond
             ///< `dim`)
  RotarySin, ///< the sines likewise, negated at even columns (0 beyond `dim`)
  Sinusoid,  ///< generated: Vaswani et al. 2017, [rows, cols], counted from
             ///< `first`, with the frequencies of `table` if it has any
  Alibi,     ///< generated: [heads, columns], see DistanceTable
  Buckets,   ///< the source tensor `name` [buckets, heads], as the part's
             ///< [heads, columns], see DistanceTable
  SinusoidHalves,  ///< as Sinusoid, all sines before all cosines
  Offsets,         ///< the source tensor `name` [offsets, heads], as a row for
                   ///< each head and query of a tile, a column for each key
  Heads,           ///< the source tensor `name` [heads * headRows, cols]; each
                   ///< head has `headDim` rows, the last of which are zeros
  HeadsTransposed, ///< likewise, of [heads * cols, headRows] each head turned
};

struct RotaryTable {
  int64_t headDim = 0, dim = 0;
  double theta = 0;
  /// cos/sin multiply by this too (yarn's attention factor)
  double magnitude = 1.0;
  /// dim/2 angular frequencies (radians a position), scaling already applied
  std::vector<double> frequencies;
  double first = 0; ///< position of the first row
};

/// Biases of attention's scores: column c is for keys at the distance c - zero
/// from the query.
struct DistanceTable {
  int64_t zero = 0;
  std::vector<double>
      slopes; ///< alibi: a head's values are -slope * |distance|
  /// buckets: so many, for distances up to `reach`; see transformer.relative.
  /// offsets: so many between two of `reach` x `reach` rows; see
  /// transformer.grid_attention
  int64_t buckets = 0, reach = 0;
  bool causal = false;
};

/// One source tensor's share of a packed weight. rows * cols is the tensor's
/// number of values, read row-major (a bias [N] is rows = N, cols = 1). Parts
/// are concatenated along rows; each part starts at a multiple of `alignRows`
/// (zero rows between).
struct Part {
  Origin origin = Origin::Tensor;
  std::string name; ///< source name, with {i} / {j}
  int64_t rows = 0, cols = 0;
  Arrange arrange = Arrange::AsIs;
  int64_t headDim = 0, rotaryDim = 0;
  int64_t headRows = 0;
  double offset = 0.0; ///< added to every value (norm offset)
  double scale = 1.0;  ///< multiplies every value, before the offset
  RotaryTable table;
  DistanceTable distances;
};

/// A packed weight; `interleave` alternates the rows of its two parts in runs
/// of that many (gate and up: a vector of one, then a vector of the other).
struct PackedWeight {
  std::string name;
  Packing packing = Packing::Rows;
  Format format = Format::F32; ///< others: Panels only
  std::vector<Part> parts;
  int64_t alignRows = 1;
  int64_t interleave = 0;
  int64_t panel = 0;  ///< Panels: columns a panel
  int64_t width = 0;  ///< Rows: stored width of a row, >= cols
  int64_t bytes = 0;  ///< of one copy
  int64_t offset = 0; ///< of copy 0 in the data section, multiple of 64
  /// Copies for repetitions, innermost first: count and bytes between copies.
  std::vector<int64_t> repeats, strides;
};

struct Layout {
  std::vector<PackedWeight> weights;
  int64_t bytes = 0;     ///< of the data section
  uint64_t hash() const; ///< FNV-1a over every field above, in order
  /// A few words a weight, for people.
  void print(llvm::raw_ostream &os) const;
};

} // namespace weights

#endif // COMPILER_WEIGHTS_LAYOUT_H
