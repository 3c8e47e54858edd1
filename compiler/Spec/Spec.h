// The spec as a plain C++ tree: what a transformer computes, with every value's
// place in the file. No MLIR here, so that its tests run in milliseconds.
#ifndef COMPILER_SPEC_SPEC_H
#define COMPILER_SPEC_SPEC_H

#include "compiler/Spec/LayerKinds.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace spec {

/// A place in the spec file, counted from 1; line 0 means "not from a file".
struct Place {
  uint32_t line = 0;
  uint32_t column = 0;
};

/// The places of an image's rows.
struct RowGrid {
  int64_t height = 0, width = 0;
  bool operator==(const RowGrid &) const = default;
  explicit operator bool() const { return height > 0; }
  int64_t places() const { return height * width; }
};

struct Layer;
using Layers = std::vector<Layer>;

/// x + f(x).
struct Residual {
  Layers layers;
};
/// The sum of the branches.
struct Parallel {
  Layers branches; ///< each entry is one branch (a Sequence or a leaf)
};
/// Branches whose rows stand side by side: the model's result, in named parts.
struct Outputs {
  std::vector<std::string> names;
  Layers branches; ///< a Sequence for each name
};
/// Layers that make scores, one row of each sequence: a sequence leaves with
/// them as its output if their largest softmax probability is `above` or more.
struct Exit {
  std::optional<double> above; ///< from 0 to 1; none leaves without
  Layers layers;
};
/// Layers in order: a branch of several layers, or a name from `define`.
struct Sequence {
  std::string name; ///< of the definition, "" for a plain list
  Layers layers;
};
/// `count` copies with fresh weights, or with the same ones when shared.
struct Repeat {
  int64_t count = 0;
  bool share = false;
  Layers layers;
};

using LayerBody =
    std::variant<Embed, Position, Patch, Rows, Queries, Types, Prepend, Norm,
                 Attention, CrossAttention, LatentAttention, LinearAttention,
                 Mlp, Moe, Linear, Conv, Merge, Scale, Softcap, Pool, Tap,
                 Logits, Residual, Parallel, Outputs, Exit, Sequence, Repeat>;

/// A small parameter that the spec itself says (`values:`), or that follows
/// from its words: `fill` everywhere, `diagonal` where row and column are the
/// same (the column modulo `period`, if any), and single entries. A vector is
/// one column.
struct WeightValues {
  double fill = 0.0, diagonal = 0.0;
  int64_t period = 0;
  bool derived = false; ///< from a word of the leaf
  struct Entry {
    int64_t row = 0, column = 0;
    double value = 0.0;
    bool operator==(const Entry &) const = default;
  };
  std::vector<Entry> entries; ///< by row, then column; at most one a place
  /// As said by a list; empty where any shape will do.
  std::vector<int64_t> shape;
  Place place;
};
using ValuesPointer = std::shared_ptr<const WeightValues>;

struct Layer {
  LayerBody body;
  Place place;
  /// In the encoder of an encoder-decoder; set with the scope.
  bool encodes = false;
  /// How many layers before it have changed the number of rows; derived by the
  /// checker.
  size_t stage = 0;
  /// Prefix of its weight names: `layers.{i}.attention`; `{i}` is the
  /// repetition of the innermost repeat, `{j}` of the next one out. For a
  /// Repeat the prefix of its contents (`layers.{i}`; `layers` when its weights
  /// are shared, which takes no letter), for an Exit its name
  /// (`layers.{i}.exit`) likewise; "" for other combinators. Unique for leaves:
  /// numbered `norm`, `norm_2`, or named with `as:`. To name a layer of a spec
  /// built in memory, set its scope to the name and fields["as"] to {}.
  std::string scope;
  /// Width of the rows that enter and leave the layer.
  int64_t dimIn = 0, dimOut = 0;
  /// The grid that the rows which enter lie on, line by line; zeros: on none.
  RowGrid grid;
  /// Where a field was said, for messages of later stages; fields inside a
  /// field are `position.rope.dim`.
  std::map<std::string, Place> fields;
  /// Parameters below the scope whose values the spec has: "query.weight".
  std::map<std::string, ValuesPointer> values;
};

/// How one of our weights is cut from a foreign tensor:
/// `h.{i}.attn.c_attn.weight[:, 0:768].T`, or of query, key and value of each
/// head in turn `h.{i}.qkv.weight.reshape(12, 3, 64, 768)[:, 0:1, :, :]`.
struct WeightSource {
  std::string tensor;             ///< with {i}, or {i*6+5} of the repetitions
  std::optional<double> constant; ///< all values; no tensor then
  std::vector<int64_t> reshape;   ///< its dimensions before slicing, if other
  struct Slice {
    int64_t begin = 0, end = -1; ///< end < 0: to the end
    std::string index = {};      ///< "{j}": the one of that repetition
  };
  std::vector<Slice> slices;      ///< one a dimension, empty: everything
  bool transpose = false;         ///< after slicing; the last two dimensions
  bool unit = false;              ///< then rows are divided by their length
  std::vector<WeightSource> plus; ///< added, repeated along dimensions of 1
  Place place;
};

struct WeightFiles {
  std::vector<std::string> files;            ///< relative to the spec's folder
  std::map<std::string, WeightSource> names; ///< ours -> theirs
  Place place;
};

/// A parameter the model needs, as the spec's structure says.
struct Parameter {
  std::string name; ///< with {i}, {j} for repeated ones
  std::vector<int64_t> shape;
  std::vector<int64_t> repeats; ///< counts of {i}, {j}: innermost first
  Place place;
  ValuesPointer values = nullptr; ///< null: they come from elsewhere
};

/// Queries: nothing, the rows are the model's own.
enum class InputKind { Tokens, Image, Rows, Queries };

/// What the encoder of an encoder-decoder reads, and how its decoder begins and
/// ends. Sizes are the model's own where they are not said.
struct Source {
  int64_t context = 0, vocab = 0;
  std::optional<int64_t> start, end; ///< tokens of the decoder
  std::vector<int64_t> stages;       ///< as of Spec, derived by the checker

  /// Most rows that the encoder makes of one.
  int64_t made() const { return stages.empty() ? context : stages.back(); }
};

/// A named part of an output row.
struct OutputPart {
  std::string name;
  int64_t first = 0, size = 0; ///< columns
};

struct Spec {
  std::string model;        ///< also the prefix of the C names
  Dtype dtype = Dtype::F32; ///< of matrices whose layer does not say its own
  int64_t dim = 0;          ///< M
  int64_t context = 0;      ///< most rows of a sequence
  int64_t vocab = 0;        ///< V, 0 without tokens
  Layers encoder;           ///< of an encoder-decoder; empty in other models
  Layers layers;            ///< the model's, or its `decoder`
  Source source;            ///< of an encoder-decoder
  std::optional<WeightFiles> weights;
  std::string path; ///< as given on the command line, for messages
  /// Where the fields above were said, for messages of later stages.
  std::map<std::string, Place> fields;

  /// Derived by the checker:
  InputKind input = InputKind::Tokens;
  InputKind sourceInput = InputKind::Tokens; ///< of an encoder-decoder
  /// Tokens or rows in, every attention causal, no pool: prefill and decode.
  bool causal = false;
  /// Causal but for a prefix, whose length the caller says.
  bool prefix = false;
  /// Where layers change the number of rows: the most rows of a sequence before
  /// the first of them, between them and behind the last. Empty: it stays.
  std::vector<int64_t> stages;
  int64_t types = 0;             ///< of rows, which the caller says; 0: none
  int64_t typedRows = 0;         ///< of an image, that have types
  int64_t outputDim = 0;         ///< width of an output row
  int64_t sourceDim = 0;         ///< width of a row that the encoder makes
  std::vector<OutputPart> parts; ///< of `outputs`

  bool translates() const { return !encoder.empty(); }
};

} // namespace spec

#endif // COMPILER_SPEC_SPEC_H
