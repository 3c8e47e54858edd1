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
    {"logits.weight", "/lm_head.weight"},
};

constexpr TensorName phi3Names[] = {
    {"layers.{i}.attention.query.weight",
     "layers.{i}.self_attn.qkv_proj.weight", false, Fused::Stacked},
    {"layers.{i}.attention.key.weight", "layers.{i}.self_attn.qkv_proj.weight",
     false, Fused::Stacked},
    {"layers.{i}.attention.value.weight",
     "layers.{i}.self_attn.qkv_proj.weight", false, Fused::Stacked},
    {"layers.{i}.mlp.gate.weight", "layers.{i}.mlp.gate_up_proj.weight", false,
     Fused::Stacked},
    {"layers.{i}.mlp.up.weight", "layers.{i}.mlp.gate_up_proj.weight", false,
     Fused::Stacked},
};

constexpr TensorName baichuanNames[] = {
    {"layers.{i}.attention.query.weight", "layers.{i}.self_attn.W_pack.weight",
     false, Fused::Stacked},
    {"layers.{i}.attention.key.weight", "layers.{i}.self_attn.W_pack.weight",
     false, Fused::Stacked},
    {"layers.{i}.attention.value.weight", "layers.{i}.self_attn.W_pack.weight",
     false, Fused::Stacked},
};

constexpr TensorName unitScores[] = {
    {"logits.weight", "/lm_head.weight.unit()"},
};

constexpr TensorName internLm2Names[] = {
    {"embed.weight", "tok_embeddings.weight"},
    {"layers.{i}.norm.weight", "layers.{i}.attention_norm.weight"},
    {"layers.{i}.attention.query.weight", "layers.{i}.attention.wqkv.weight",
     false, Fused::Grouped},
    {"layers.{i}.attention.key.weight", "layers.{i}.attention.wqkv.weight",
     false, Fused::Grouped},
    {"layers.{i}.attention.value.weight", "layers.{i}.attention.wqkv.weight",
     false, Fused::Grouped},
    {"layers.{i}.attention.output.weight", "layers.{i}.attention.wo.weight"},
    {"layers.{i}.norm_2.weight", "layers.{i}.ffn_norm.weight"},
    {"layers.{i}.mlp.gate.weight", "layers.{i}.feed_forward.w1.weight"},
    {"layers.{i}.mlp.up.weight", "layers.{i}.feed_forward.w3.weight"},
    {"layers.{i}.mlp.down.weight", "layers.{i}.feed_forward.w2.weight"},
    {"logits.weight", "/output.weight"},
};

enum class Bias { Never, QueryKeyValue, Always, AsConfigured };
enum class Window { Never, Always, AsConfigured };

/// What a family does when its config doesn't say, or whatever it says.
struct Kin {
  Bias attentionBias = Bias::Never;
  Window window = Window::Never;
  bool mlpBias = false;    ///< reads mlp_bias
  bool normsHeads = false; ///< of queries and keys
  bool mayOmitKvHeads = false;
  int64_t headDim = 0; ///< 0: hidden_size / num_attention_heads
  /// LayerNorm without weights in place of RMSNorm.
  bool plainNorm = false;
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
  checkSharing(config, "num_key_value_heads", attention);
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
  bool configured = kin.attentionBias == Bias::Always ||
                    (kin.attentionBias == Bias::AsConfigured &&
                     config.flag("attention_bias", false));
  attention.queryBias = attention.keyBias = attention.valueBias =
      configured || kin.attentionBias == Bias::QueryKeyValue;
  attention.outputBias = configured;
  return attention;
}

void refuseVariants(Config &config) {
  if (config.flag("rope_interleaved", false))
    config.refuse("rope_interleaved", "true", "expected false");
  if (config.flag("use_mrope", false))
    config.refuse("use_mrope", "true", "expected false");
}

Import importKin(Config &config, const Kin &kin) {
  Import result = beginLikeLlama(config, {});
  refuseVariants(config);
  spec::Spec &spec = result.spec;
  spec::Norm norm;
  norm.bias = false;
  norm.weight = !kin.plainNorm;
  if (!kin.plainNorm) {
    norm.kind = spec::NormKind::Rms;
    norm.eps = config.positive("rms_norm_eps", 1e-6);
  }

  spec::Mlp mlp = readGatedMlp(config);
  mlp.bias = kin.mlpBias && config.flag("mlp_bias", false);

  spec::Repeat repeat;
  repeat.count = config.size("num_hidden_layers");
  repeat.layers.push_back(makeLayer(
      residualOf(norm, readAttention(config, kin, spec, repeat.count))));
  repeat.layers.push_back(makeLayer(residualOf(norm, mlp)));

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

Import importPhi3(Config &config) {
  Kin kin;
  kin.window = Window::Always;
  kin.mayOmitKvHeads = true;
  Import result = importKin(config, kin);
  replaceNames(result, phi3Names);
  return result;
}

/// The 13B models have ALiBi, and say so by their size alone, as those of the
/// second version say by their vocabulary that what scores tokens is of unit
/// length.
Import importBaichuan(Config &config) {
  if (config.size("hidden_size", 4096) == 5120)
    config.refuse("hidden_size", "5120", "models of that size have ALiBi");
  Kin kin;
  kin.mayOmitKvHeads = true;
  Import result = importKin(config, kin);
  replaceNames(result, baichuanNames);
  if (result.spec.vocab == 125696)
    replaceNames(result, unitScores);
  return result;
}

Import importInternLm(Config &config) {
  Kin kin;
  kin.attentionBias = config.flag("bias", true) ? Bias::Always : Bias::Never;
  kin.mayOmitKvHeads = true;
  return importKin(config, kin);
}

Import importInternLm2(Config &config) {
  expectFlag(config, "bias", false);
  Kin kin;
  kin.mayOmitKvHeads = true;
  Import result = importKin(config, kin);
  replaceNames(result, internLm2Names);
  result.anchor = "tok_embeddings.weight";
  return result;
}

Import importOlmo(Config &config) {
  if (config.has("clip_qkv"))
    config.refuse("clip_qkv", "a limit of queries, keys and values",
                  "expected none");
  Kin kin;
  kin.attentionBias = Bias::AsConfigured;
  kin.mayOmitKvHeads = true;
  kin.plainNorm = true;
  return importKin(config, kin);
}

void replaceNames(Import &import, ArrayRef<TensorName> own) {
  llvm::erase_if(import.names, [&](const TensorName &name) {
    return llvm::any_of(own, [&](const TensorName &other) {
      return StringRef(other.ours) == name.ours;
    });
  });
  import.names.insert(import.names.end(), own.begin(), own.end());
}

Import beginLikeLlama(Config &config, ArrayRef<TensorName> own,
                      std::optional<int64_t> context) {
  refuseCommon(config);
  Import result;
  result.names.assign(std::begin(names), std::end(names));
  replaceNames(result, own);
  result.prefixes = {"model.", ""};
  result.anchor = "embed_tokens.weight";
  result.spec.dim = config.size("hidden_size");
  StringRef key = "max_position_embeddings";
  result.spec.context = context ? config.size(key, *context) : config.size(key);
  result.spec.vocab = config.size("vocab_size");
  return result;
}

spec::Mlp readGatedMlp(Config &config) {
  spec::Mlp mlp;
  mlp.hidden = config.size("intermediate_size");
  mlp.act = readActivation(config, "hidden_act", "silu");
  mlp.gated = true;
  return mlp;
}

} // namespace importer
