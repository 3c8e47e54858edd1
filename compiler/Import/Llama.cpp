// LLaMA and its kin: RMSNorm before attention with rotary positions and before
// a gated MLP. What tells the families apart is in one table entry each.
#include "compiler/Import/Families.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace importer {
namespace {

constexpr TensorName names[] = {
    {"embed.weight", "embed_tokens.weight"},
    {"layers.{i}.norm.weight", "layers.{i}.input_layernorm.weight"},
    {"layers.{i}.attention.query.weight", "layers.{i}.self_attn.q_proj.weight"},
    {"layers.{i}.attention.query.bias", "layers.{i}.self_attn.q_proj.bias"},
    {"layers.{i}.attention.key.weight", "layers.{i}.self_attn.k_proj.weight"},
    {"layers.{i}.attention.key.bias", "layers.{i}.self_attn.k_proj.bias"},
    {"layers.{i}.attention.value.weight", "layers.{i}.self_attn.v_proj.weight"},
    {"layers.{i}.attention.value.bias", "layers.{i}.self_attn.v_proj.bias"},
    {"layers.{i}.attention.output.weight",
     "layers.{i}.self_attn.o_proj.weight"},
    {"layers.{i}.attention.output.bias", "layers.{i}.self_attn.o_proj.bias"},
    {"layers.{i}.attention.query_norm.weight",
     "layers.{i}.self_attn.q_norm.weight"},
    {"layers.{i}.attention.key_norm.weight",
     "layers.{i}.self_attn.k_norm.weight"},
    {"layers.{i}.norm_2.weight", "layers.{i}.post_attention_layernorm.weight"},
    {"layers.{i}.mlp.gate.weight", "layers.{i}.mlp.gate_proj.weight"},
    {"layers.{i}.mlp.gate.bias", "layers.{i}.mlp.gate_proj.bias"},
    {"layers.{i}.mlp.up.weight", "layers.{i}.mlp.up_proj.weight"},
    {"layers.{i}.mlp.up.bias", "layers.{i}.mlp.up_proj.bias"},
    {"layers.{i}.mlp.down.weight", "layers.{i}.mlp.down_proj.weight"},
    {"layers.{i}.mlp.down.bias", "layers.{i}.mlp.down_proj.bias"},
    {"norm.weight", "norm.weight"},
    {"logits.weight", "lm_head.weight"},
};

enum class Bias { Never, QueryKeyValue, AsConfigured };
enum class Window { Never, Always, AsConfigured };

/// What a family does when its config doesn't say, or whatever it says.
struct Kin {
  Bias attentionBias = Bias::Never;
  Window window = Window::Never;
  bool mlpBias = false;    ///< reads mlp_bias
  bool normsHeads = false; ///< of queries and keys
  bool mayOmitKvHeads = false;
  int64_t headDim = 0; ///< 0: hidden_size / num_attention_heads
};

/// The layers that see a window, by `layer_types` or by the older
/// `max_window_layers`: all or none, as a repeated block has one meaning.
bool slides(Config &config, int64_t layers) {
  if (config.has("layer_types")) {
    std::vector<std::string> types = config.texts("layer_types");
    size_t sliding = size_t(llvm::count(types, "sliding_attention"));
    size_t full = size_t(llvm::count(types, "full_attention"));
    if (sliding + full != types.size() || (sliding && full)) {
      config.refuse("layer_types", "a mixture",
                    "expected full_attention or sliding_attention throughout");
      return false;
    }
    return sliding != 0;
  }
  int64_t first = config.count("max_window_layers", 28);
  if (first > 0 && first < layers)
    config.refuse("max_window_layers",
                  "a window in some of " + std::to_string(layers) + " layers",
                  "expected one in all or none");
  return first == 0;
}

std::optional<int64_t> readWindow(Config &config, Window kind, int64_t layers,
                                  int64_t context) {
  if (kind == Window::Never)
    return std::nullopt;
  // Written as null for "none"; left out it means the family's 4096.
  if (config.isNull("sliding_window"))
    return std::nullopt;
  if (kind == Window::AsConfigured && !config.flag("use_sliding_window", false))
    return std::nullopt;
  int64_t window = config.size("sliding_window", 4096);
  if (window >= context)
    return std::nullopt;
  if (kind == Window::Always && !config.has("layer_types"))
    return window;
  return slides(config, layers) ? std::optional(window) : std::nullopt;
}

void checkHeads(Config &config, const spec::Attention &attention,
                int64_t width) {
  if (!config.has("head_dim") && attention.headDim * attention.heads != width)
    config.problem("num_attention_heads",
                   std::to_string(attention.heads) +
                       " heads do not divide hidden_size " +
                       std::to_string(width) + ", and there is no head_dim");
  if (attention.heads % attention.kvHeads != 0)
    config.problem("num_key_value_heads",
                   std::to_string(attention.heads) +
                       " num_attention_heads cannot share " +
                       std::to_string(attention.kvHeads) + " evenly");
}

spec::Attention readAttention(Config &config, const Kin &kin,
                              const spec::Spec &spec, int64_t layers) {
  spec::Attention attention;
  attention.mask = spec::Mask::Causal;
  attention.heads = config.size("num_attention_heads");
  attention.kvHeads = kin.mayOmitKvHeads
                          ? config.size("num_key_value_heads", attention.heads)
                          : config.size("num_key_value_heads");
  attention.headDim = config.size(
      "head_dim", kin.headDim
                      ? kin.headDim
                      : std::max<int64_t>(1, spec.dim / attention.heads));
  if (!kin.headDim)
    checkHeads(config, attention, spec.dim);
  attention.rotary = readRotary(config, attention.headDim, spec.context);
  attention.window = readWindow(config, kin.window, layers, spec.context);
  if (kin.normsHeads) {
    attention.qkNorm = spec::NormKind::Rms;
    attention.qkNormEps = config.positive("rms_norm_eps", 1e-6);
  }
  bool configured = kin.attentionBias == Bias::AsConfigured &&
                    config.flag("attention_bias", false);
  attention.queryBias = attention.keyBias = attention.valueBias =
      configured || kin.attentionBias == Bias::QueryKeyValue;
  attention.outputBias = configured;
  return attention;
}

void refuseVariants(Config &config) {
  refuseCommon(config);
  if (config.flag("rope_interleaved", false))
    config.refuse("rope_interleaved", "true", "expected false");
  if (config.flag("use_mrope", false))
    config.refuse("use_mrope", "true", "expected false");
}

Import importKin(Config &config, const Kin &kin) {
  refuseVariants(config);
  Import result;
  result.names.assign(std::begin(names), std::end(names));
  result.prefixes = {"model.", ""};
  result.anchor = "embed_tokens.weight";

  spec::Spec &spec = result.spec;
  spec.dim = config.size("hidden_size");
  spec.context = config.size("max_position_embeddings");
  spec.vocab = config.size("vocab_size");

  spec::Norm norm;
  norm.kind = spec::NormKind::Rms;
  norm.bias = false;
  norm.eps = config.positive("rms_norm_eps", 1e-6);

  spec::Mlp mlp;
  mlp.hidden = config.size("intermediate_size");
  mlp.act = readActivation(config, "hidden_act", "silu");
  mlp.gated = true;
  mlp.bias = kin.mlpBias && config.flag("mlp_bias", false);

  spec::Repeat repeat;
  repeat.count = config.size("num_hidden_layers");
  repeat.layers.push_back(
      makeResidual(norm, readAttention(config, kin, spec, repeat.count)));
  repeat.layers.push_back(makeResidual(norm, mlp));

  spec::Logits logits;
  logits.tied = config.flag("tie_word_embeddings", false);

  spec.layers.push_back(makeLayer(spec::Embed()));
  spec.layers.push_back(makeLayer(std::move(repeat)));
  spec.layers.push_back(makeLayer(norm));
  spec.layers.push_back(makeLayer(logits));
  return result;
}

} // namespace

Import importLlama(Config &config) {
  Kin kin;
  kin.attentionBias = Bias::AsConfigured;
  kin.mlpBias = true;
  kin.mayOmitKvHeads = true;
  return importKin(config, kin);
}

Import importMistral(Config &config) {
  Kin kin;
  kin.window = Window::Always;
  return importKin(config, kin);
}

Import importQwen2(Config &config) {
  Kin kin;
  kin.attentionBias = Bias::QueryKeyValue;
  kin.window = Window::AsConfigured;
  return importKin(config, kin);
}

Import importQwen3(Config &config) {
  Kin kin;
  kin.attentionBias = Bias::AsConfigured;
  kin.window = Window::AsConfigured;
  kin.normsHeads = true;
  kin.headDim = 128;
  return importKin(config, kin);
}

} // namespace importer
