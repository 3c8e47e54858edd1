// What each kind of layer says, in the words and with the defaults of the spec,
// and which weights it has.
#ifndef COMPILER_SPEC_LAYERKINDS_H
#define COMPILER_SPEC_LAYERKINDS_H

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace spec {

enum class NormKind { Layer, Rms };
enum class Mask { None, Causal, Prefix };
enum class Scores { Softmax, Linear, Relu, Hard };
enum class Normalise { None, Rows, Number };
enum class Sources { All, ButLast };
enum class HeadOutput { Map, Sum };
enum class Feature { Elu, None, Relu, Exp, Silu, Random };
enum class Decay { None, Fixed, Input };
enum class Update { Add, Delta };
enum class Gate { None, Silu, Sigmoid }; ///< what values go through
enum class QkNormOver { Head, Row };
enum class Activation {
  Relu,
  Gelu,
  GeluTanh,
  Silu,
  Relu2,
  Tanh,
  QuickGelu,
  Sigmoid,
  Identity
};
enum class RotaryLayout { Halves, Pairs };
enum class RotaryScalingKind { None, Linear, Llama3, Yarn, Ntk, LongRope };
enum class Router { Softmax, Sigmoid };
enum class GroupScore { None, Best, TwoBest };
enum class PoolKind { First, Mean, Last };
enum class TypeUse { Add, Replace };
enum class MergeOrder { Columns, Rows, Channels };

/// How the weights file stores a matrix: vectors, positions and prepended rows
/// are f32 always. int8 and int4: 32 neighbours of a row share a scale.
enum class Dtype { F32, Bf16, Int8, Int4 };

/// Rows of token ids become rows of the table `<scope>.weight` [V, M].
struct Embed {
  double scale = 1.0;         ///< multiplies the looked-up row (Gemma: sqrt(M))
  std::optional<Dtype> dtype; ///< of its matrices; the model's without
  bool operator==(const Embed &) const = default;
};

/// Multiplies by a number, or each column by its own: `<scope>.weight` [M].
struct Scale {
  std::optional<double> by; ///< learned without
  bool operator==(const Scale &) const = default;
};

/// x becomes c tanh(x/c).
struct Softcap {
  std::optional<double> at; ///< c
  bool operator==(const Softcap &) const = default;
};

enum class PositionKind { Learned, Sinusoidal, None };

/// Adds row `position` of a table [context, M]: learned (`<scope>.weight`) or
/// the sinusoids of Vaswani et al. 2017, section 3.5. These are in pairs, sine
/// and cosine of one frequency side by side, or all sines before all cosines.
struct Position {
  PositionKind kind = PositionKind::Learned;
  RotaryLayout layout = RotaryLayout::Pairs; ///< of sinusoids, like the rest
  int64_t first = 0;      ///< position of a sequence's first row
  bool inclusive = false; ///< frequencies 10000^(-i/(M/2-1)), not 10000^(-2i/M)
  bool operator==(const Position &) const = default;
};

/// Which neighbours an output place sees: `size` of them (in both directions
/// of a grid) from `stride` times its own number, less `pad`, on; what lies
/// outside is zero.
struct Window {
  int64_t size = 0;
  int64_t stride = 0; ///< `size` without
  int64_t pad = 0;
  bool operator==(const Window &) const = default;

  int64_t step() const { return stride ? stride : size; }
  /// Output places of so many in a row; 0 or less: the window does not fit.
  int64_t made(int64_t places) const {
    int64_t room = places + 2 * pad - size;
    return room < 0 ? 0 : room / step() + 1;
  }
  /// Whether any number of places stays as it is.
  bool keeps() const { return step() == 1 && 2 * pad == size - 1; }
};

/// Cuts an image [channels, height, width] into size x size patches, each
/// flattened channel-first and mapped to M: `<scope>.weight`
/// [M, channels*size*size], `<scope>.bias` [M].
struct Patch {
  int64_t channels = 0, height = 0, width = 0;
  Window window;
  bool bias = false;
  std::optional<Dtype> dtype;
  bool operator==(const Patch &) const = default;
};

/// Takes rows of `dim` real numbers from the caller: as they are where they are
/// as wide as the model's or no map is wanted, else mapped, `<scope>.weight`
/// [M, dim], `<scope>.bias` [M].
struct Rows {
  int64_t dim = 0;
  bool map = true;
  bool bias = false;
  std::optional<Dtype> dtype;
  bool operator==(const Rows &) const = default;
};

/// A decoder's own input: every sequence is the learned rows `<scope>.weight`
/// [rows, M].
struct Queries {
  int64_t rows = 0;
  bool operator==(const Queries &) const = default;
};

/// A vector for each type of row that the caller tells apart, `<scope>.weight`
/// [count, M]: added to the row, or in place of rows of type 1 and up.
struct Types {
  int64_t count = 0;
  TypeUse use = TypeUse::Add;
  bool operator==(const Types &) const = default;

  /// How many types a row may have, 0 and up.
  int64_t types() const { return count + (use == TypeUse::Replace); }
};

/// Puts learned rows `<scope>.weight` [rows, M] before each sequence.
struct Prepend {
  std::string what = "class"; ///< word of the spec: class, registers, ...
  int64_t rows = 1;
  bool operator==(const Prepend &) const = default;
};

/// `<scope>.weight` [M] and, for LayerNorm with bias, `<scope>.bias` [M].
struct Norm {
  NormKind kind = NormKind::Layer;
  double eps = 1e-5;
  bool weight = true;
  bool bias = true;    ///< meaningful for `layer` only
  double offset = 0.0; ///< the weight in use is offset + weight (Gemma: 1)
  bool operator==(const Norm &) const = default;
};

/// Frequency scaling of rotary embeddings (fields as in published configs).
struct RotaryScaling {
  RotaryScalingKind kind = RotaryScalingKind::None;
  double factor = 1.0;
  double lowFreqFactor = 1.0, highFreqFactor = 4.0; ///< llama3
  double betaFast = 32.0, betaSlow = 1.0;           ///< yarn
  double attentionFactor = 0.0; ///< yarn, longrope; 0: derived
  bool truncate = true;        ///< yarn: mixed from a whole pair to a whole one
  int64_t originalContext = 0; ///< llama3, yarn, longrope
  std::vector<double> shorter, longer; ///< longrope, one a pair
  bool operator==(const RotaryScaling &) const = default;
};

struct Rotary {
  double theta = 10000.0;
  int64_t dim = 0; ///< rotated leading part of each head, even; <= head_dim
  RotaryLayout layout = RotaryLayout::Halves;
  RotaryScaling scaling;
  bool operator==(const Rotary &) const = default;
};

/// A bias of the scores that falls evenly with the distance (Press et al.
/// 2022).
struct Alibi {
  double scale = 1.0; ///< of the published slopes
  bool operator==(const Alibi &) const = default;
};

/// A learned bias of the scores by how far a key is from the query: buckets
/// [buckets, H] of distances (Raffel et al. 2020).
struct RelativeBias {
  int64_t buckets = 32;
  int64_t distance = 128; ///< from here on all are in the last bucket
  bool shared = false;    ///< one table for all repetitions of the layer
  bool operator==(const RelativeBias &) const = default;
};

/// Learned vectors that attention adds to the rows which queries and keys are
/// made of, values not (Carion et al. 2020): `<scope>.position.weight`
/// [context, M]; of cross-attention `<scope>.query_position.weight` and, as
/// wide and long as the encoder's rows, `<scope>.key_position.weight`.
struct AddedPosition {
  bool shared = false; ///< one table for all repetitions of the layer
  bool operator==(const AddedPosition &) const = default;
};

/// What every kind of attention has: heads, the maps to and from them, scores.
struct HeadMaps {
  int64_t heads = 0;              ///< H
  int64_t kvHeads = 0;            ///< G, `kv_heads`
  int64_t headDim = 0;            ///< D, `head_dim`
  int64_t valueDim = 0;           ///< E, `value_dim`
  double scale = 0.0;             ///< of the scores; default D^-0.5
  std::optional<double> softcap;  ///< scores become c*tanh(s/c)
  std::optional<NormKind> qkNorm; ///< `qk_norm`, of queries and keys
  double qkNormEps = 1e-6;
  QkNormOver qkNormOver = QkNormOver::Head; ///< `row`: all heads together
  bool queryBias = false, keyBias = false, valueBias = false,
       outputBias = false; ///< `bias: true|false|[query, key, value]`
  std::optional<Dtype> dtype;
  bool operator==(const HeadMaps &) const = default;
};

/// What attention hands to the caller.
struct AttentionTaps {
  bool queries = false, keys = false, values = false; ///< that meet
  bool scores = false;                                ///< before the softmax
  bool weights = false;                               ///< behind it
  bool operator==(const AttentionTaps &) const = default;
  explicit operator bool() const {
    return queries || keys || values || scores || weights;
  }
};

/// Attention whose keys and values are made of a narrow row: `latent.weight`
/// [L, M], `latent_norm.weight` [L], from it `key.weight` [H*(D-R), L] and
/// `value.weight` [H*E, L]; `shared_key.weight` [R, M] makes the rest of all
/// heads' keys. Queries, `query.weight` [H*D, Q], are made of the row itself or
/// of another narrow one, `query_latent.weight` [Q, M], with its norm.
struct LatentAttention {
  int64_t heads = 0;                  ///< H
  int64_t headDim = 0;                ///< D, `head_dim`
  int64_t valueDim = 0;               ///< E, `value_dim`
  int64_t latent = 0;                 ///< L
  std::optional<int64_t> queryLatent; ///< Q, `query_latent`
  int64_t shared = 0;                 ///< R, last columns of all heads' keys
  double eps = 1e-6;
  Mask mask = Mask::None;
  std::optional<Rotary> rotary; ///< of the shared columns
  double scale = 0.0;           ///< of the scores; default D^-0.5
  AttentionTaps taps;           ///< what it hands to the caller
  std::optional<Dtype> dtype;
  bool operator==(const LatentAttention &) const = default;

  int64_t ownDim() const { return headDim - shared; }
  /// Whether narrow rows take less of a session than keys and values of all
  /// heads, in masks by which it keeps any.
  bool isNarrow() const {
    return mask != Mask::None && double(2 * latent + shared) <
                                     double(heads) * double(headDim + valueDim);
  }
};

/// Fewer rows that keys and values are made of: those of a convolution of that
/// size and stride over the grid, `reduce.weight` [M, M*size*size] and
/// `reduce.bias` [M], and of a LayerNorm, `reduce_norm.weight` and
/// `reduce_norm.bias` [M]; or so many mixtures of all rows, `reduce.weight`
/// [rows, context].
struct Reduce {
  std::optional<int64_t> size, rows;
  double eps = 1e-5; ///< of the norm
  bool operator==(const Reduce &) const = default;
  explicit operator bool() const { return size || rows; }
};

/// Segments that one sees beside those near it: so many for each head of keys,
/// drawn from a seed (Zaheer et al. 2020).
struct RandomSegments {
  std::optional<int64_t> segments;
  int64_t seed = 0;
  bool operator==(const RandomSegments &) const = default;
};

/// Weights `<scope>.{query,key,value,output}.weight`, rows are outputs:
/// query [H*D, M], key [G*D, M], value [G*E, M], output [M, H*E]; biases
/// likewise `.bias`. qk_norm adds `<scope>.{query_norm,key_norm}.weight` [D],
/// or [H*D] and [G*D] over rows, a relative bias `<scope>.relative.weight`, a
/// table of the offsets in tiles of T x T `<scope>.table.weight` [(2T-1)^2, H],
/// a gate `<scope>.gate.weight` [H*E, M].
struct Attention : HeadMaps {
  Mask mask = Mask::None;
  Scores scores = Scores::Softmax;
  Normalise normalise = Normalise::None; ///< `linear` and `relu` scores
  Sources sources = Sources::All;        ///< rows that may be keys
  HeadOutput output = HeadOutput::Map;   ///< or the sum of the heads' values
  Gate gate = Gate::None;                ///< of what the heads read
  AttentionTaps taps;                    ///< what it hands to the caller
  Reduce reduce;                         ///< of the rows that are keys
  std::optional<int64_t> window;         ///< keys a row sees, itself included
  std::optional<int64_t> segment;        ///< rows that see the same ones before
  std::optional<int64_t> memory;         ///< rows seen beside the own segment
  std::optional<int64_t> sinks;          ///< first rows, seen beside the window
  std::optional<int64_t> global;         ///< first rows, which also see all
  RandomSegments random;                 ///< seen beside near segments
  std::optional<int64_t> tile;          ///< T: a row sees T x T of a grid alone
  std::optional<int64_t> shift;         ///< lines and columns before the tiles
  std::optional<Rotary> rotary;         ///< `position: {rope: ...}`
  std::optional<Alibi> alibi;           ///< `position: alibi`
  std::optional<RelativeBias> relative; ///< `position: {relative: ...}`
  std::optional<AddedPosition> added;   ///< `position: added`
  bool table = false;                   ///< `position: table`
  int64_t gridHeight = 0, gridWidth = 0; ///< derived, with a tile
  bool operator==(const Attention &) const = default;
};

/// Every row gathers from the rows that the encoder has made of its sequence's
/// source: of width N, mapped to keys and values. Weights as those of
/// `attention`, with key [G*D, N] and value [G*E, N].
struct CrossAttention : HeadMaps {
  int64_t sourceDim = 0;              ///< N, derived by the checker
  AttentionTaps taps;                 ///< what it hands to the caller
  std::optional<AddedPosition> added; ///< `position: added`
  bool operator==(const CrossAttention &) const = default;
};

/// Before the maps' results are used, each of their columns becomes act of a
/// sum of its last `size` rows, weighed.
struct ShortConv {
  std::optional<int64_t> size;
  Gate act = Gate::None;
  bool bias = false;
  bool operator==(const ShortConv &) const = default;
};

/// Attention by a running sum of key * value, without scores. Random features
/// are those of `<scope>.feature.weight` [N, D]. A decay that is fixed is
/// `<scope>.decay.weight` [G], which the spec says itself; one of the input
/// `<scope>.decay.weight` [G, M] and `.bias` [G], to the power of
/// `<scope>.decay.power` [G] where there is one. The norm of what each head
/// reads is `<scope>.head_norm.weight` [E], the gate `<scope>.gate.weight`
/// [H*E, M]. The share of a row that the delta rule writes is the sigmoid of
/// `<scope>.update.weight` [G, M]. Convolutions of queries, keys and values are
/// `<scope>.query_conv.weight` [H*D, size] and so on, each with `.bias`.
struct LinearAttention : HeadMaps {
  LinearAttention() { scale = 1.0; } // of queries
  Mask mask = Mask::None;
  ShortConv conv; ///< of what the maps make, before anything else
  Feature feature = Feature::Elu; ///< of queries and keys
  int64_t randomFeatures = 0;     ///< N, `feature.random.count`
  /// `qk_norm.l2.eps`: queries and keys of each head have length 1.
  std::optional<double> unitEps;
  Update update = Update::Add; ///< of the sums by a row
  Normalise normalise = Normalise::Rows;
  Decay decay = Decay::None;        ///< of the sums, before a row is added
  std::vector<double> factors;      ///< G, `decay.fixed.factors`
  bool power = false;               ///< `decay.input.power`
  std::optional<NormKind> headNorm; ///< of what each head reads
  double headNormEps = 1e-6;
  Gate gate = Gate::None; ///< then multiplies it
  AttentionTaps taps;     ///< features of queries and keys, values
  bool operator==(const LinearAttention &) const = default;
};

/// `<scope>.up.weight` [F, M], `<scope>.down.weight` [M, F], gated also
/// `<scope>.gate.weight` [F, M]: down(act(gate x) * up x) or down(act(up x)).
struct Mlp {
  int64_t hidden = 0; ///< F
  Activation act = Activation::Gelu;
  bool gated = false;
  bool bias = false;
  std::optional<Dtype> dtype;
  bool operator==(const Mlp &) const = default;
};

/// Groups of as many neighbouring experts: of the `topK` with the highest
/// scores, the best of their experts or the sum of the two best, a row takes
/// experts.
struct ExpertGroups {
  GroupScore score = GroupScore::None;
  int64_t count = 0, topK = 0;
  bool operator==(const ExpertGroups &) const = default;
};

/// Mixture of experts: `<scope>.router.weight` [experts, M] chooses, with
/// `correction` by scores to which `<scope>.router.correction` is added; expert
/// j is an Mlp `<scope>.experts.{j}`, where j is the next letter after those of
/// the repeats around. With `shared` every row takes the Mlp `<scope>.shared`,
/// too, which `<scope>.shared_gate.weight` [1, M] weighs, if it is there.
struct Moe {
  int64_t experts = 0, topK = 0; ///< `top_k` of them take a row
  Router router = Router::Softmax;
  bool correction = false;
  ExpertGroups groups;
  bool normalise = false;        ///< weights of the chosen add up to `scale`
  double scale = 1.0;            ///< of all weights
  std::optional<int64_t> shared; ///< width of the shared expert
  bool sharedGate = false;
  Mlp expert; ///< without dtype
  std::optional<Dtype> dtype;
  bool operator==(const Moe &) const = default;
};

/// `<scope>.weight` [to, M], `<scope>.bias` [to].
struct Linear {
  int64_t to = 0;
  Activation act = Activation::Identity;
  bool bias = false;
  std::optional<Dtype> dtype;
  bool operator==(const Linear &) const = default;
};

/// A convolution of stride and padding over the grid that an image's rows lie
/// on, `<scope>.weight` [to, M/groups*size*size] (channels first, as a patch
/// has them), or over the sequence of other rows, [to, M/groups*size];
/// `<scope>.bias` [to]. A causal one is depthwise and ends with each row: it
/// leaves as many rows as there are.
struct Conv {
  int64_t to = 0;
  Window window{0, 1, 0};
  bool causal = false;
  int64_t groups = 1;
  Activation act = Activation::Identity;
  bool bias = false;
  std::optional<Dtype> dtype;
  /// Of rows of width M: whether a column sees itself alone, in other rows.
  bool isDepthwise(int64_t width) const {
    return groups > 1 && groups == width && to == width;
  }
  /// The format of a weight that was to have this one, whose rows have so many
  /// values: integers share scales within a group's own.
  Dtype storedAs(Dtype wanted, int64_t seen) const {
    bool integers = wanted == Dtype::Int8 || wanted == Dtype::Int4;
    return integers && groups > 1 && seen % 32 != 0 ? Dtype::F32 : wanted;
  }
  bool operator==(const Conv &) const = default;
};

/// Puts the size x size neighbours on a grid side by side into one row: one
/// after the other by columns or by lines of the grid, or their values by
/// channel, as a patch has them.
struct Merge {
  Window window{2, 0, 0};
  MergeOrder order = MergeOrder::Columns;
  bool operator==(const Merge &) const = default;
};

struct Pool {
  PoolKind kind = PoolKind::First;
  bool operator==(const Pool &) const = default;
};

/// Hands the rows as they are at this place to the caller, under the name of
/// its scope without repetitions.
struct Tap {
  bool operator==(const Tap &) const = default;
};

/// Scores over the vocabulary: `<scope>.weight` [V, M], or the table of the
/// spec's `embed` when tied; then the two have the same dtype.
struct Logits {
  bool tied = false;
  bool bias = false;
  double scale = 1.0;
  std::optional<double> softcap;
  std::optional<Dtype> dtype;
  bool operator==(const Logits &) const = default;
};

} // namespace spec

#endif // COMPILER_SPEC_LAYERKINDS_H
