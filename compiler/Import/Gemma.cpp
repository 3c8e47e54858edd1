// Gemma (1: Mesnard et al. 2024; 2: Riviere et al. 2024; 3: 2025): norms with
// weights that count from one, a scaled embedding that the logits share. From 2
// on norms also end each branch, and only some layers see all of the context.
#include "compiler/Import/Families.h"

#include <cmath>

using namespace llvm;

namespace importer {
namespace {

/// What LLaMA has not, or in another way.
constexpr TensorName own[] = {
    // These norms count from one as well, which `attention` can't say.
    {"layers.{i}.attention.query_norm.weight",
     "layers.{i}.self_attn.q_norm.weight", false, Fused::No, 0, "1"},
    {"layers.{i}.attention.key_norm.weight",
     "layers.{i}.self_attn.k_norm.weight", false, Fused::No, 0, "1"},
    {"layers.{i}.norm_3.weight", "layers.{i}.pre_feedforward_layernorm.weight"},
    {"layers.{i}.norm_4.weight",
     "layers.{i}.post_feedforward_layernorm.weight"},
};

class Gemma {
public:
  Gemma(Config &config, int version) : config(config), version(version) {}

  Import import() {
    result = beginLikeLlama(config, own, 8192);
    expectFlag(config, "tie_word_embeddings", true);
    spec::Spec &spec = result.spec;
    layers = config.size("num_hidden_layers");
    norm = rmsNorm(config.positive("rms_norm_eps", 1e-6));
    norm.offset = 1.0;
    readMlp();
    readAttention();

    spec::Embed embed;
    embed.scale = std::sqrt(double(spec.dim));
    spec::Logits logits;
    logits.tied = true;
    if (version > 1 && !config.isNull("final_logit_softcapping"))
      logits.softcap = softcap("final_logit_softcapping", 30.0);
    spec.layers = layersOf(embed);
    addBlocks();
    for (spec::Layer &layer : layersOf(norm, logits))
      spec.layers.push_back(std::move(layer));
    return std::move(result);
  }

private:
  /// Gemma 3 has none unless it is said.
  std::optional<double> softcap(StringRef key, double otherwise) {
    if (version == 3 && !config.has(key))
      return std::nullopt;
    return config.positive(key, otherwise);
  }

  /// Published configs of the first say "gelu" and mean the other one.
  void readMlp() {
    mlp.hidden = config.size("intermediate_size");
    mlp.act = readActivation(config, "hidden_activation", "gelu_pytorch_tanh");
    mlp.gated = true;
  }

  void readAttention() {
    attention.mask = spec::Mask::Causal;
    attention.heads = config.size("num_attention_heads");
    attention.kvHeads = config.size("num_key_value_heads");
    attention.headDim = config.size("head_dim", 256);
    attention.rotary =
        readRotary(config, attention.headDim, result.spec.context);
    attention.queryBias = attention.keyBias = attention.valueBias =
        attention.outputBias = config.flag("attention_bias", false);
    if (version == 1)
      return;
    attention.scale =
        1.0 / std::sqrt(config.positive("query_pre_attn_scalar", 256.0));
    if (!config.isNull("attn_logit_softcapping"))
      attention.softcap = softcap("attn_logit_softcapping", 50.0);
    if (version == 3) {
      attention.qkNorm = spec::NormKind::Rms;
      attention.qkNormEps = norm.eps;
    }
  }

  /// Of a layer that sees a window; Gemma 3 turns it at another pace.
  spec::Attention local() {
    spec::Attention result = attention;
    int64_t window = config.size("sliding_window", 4096);
    if (window < this->result.spec.context)
      result.window = window;
    if (version == 3) {
      result.rotary->theta = config.positive("rope_local_base_freq", 10000.0);
      result.rotary->scaling = spec::RotaryScaling();
    }
    return result;
  }

  /// Which layers see a window: every other one, or all but each sixth.
  std::vector<bool> localLayers() {
    std::vector<bool> sees;
    std::vector<std::string> types = config.texts("layer_types");
    int64_t pattern =
        version == 2 ? 2 : config.size("sliding_window_pattern", 6);
    for (int64_t i = 0; i < layers; ++i)
      sees.push_back(types.empty()
                         ? (i + 1) % pattern != 0
                         : size_t(i) < types.size() &&
                               types[size_t(i)] == "sliding_attention");
    if (!types.empty() && int64_t(types.size()) != layers)
      config.problem("layer_types", "expected one for each layer");
    return sees;
  }

  spec::Layers blockOf(const spec::Attention &attention) {
    return version == 1
               ? layersOf(residualOf(norm, attention), residualOf(norm, mlp))
               : layersOf(residualOf(norm, attention, norm),
                          residualOf(norm, mlp, norm));
  }

  void addBlocks() {
    std::vector<bool> isLocal(size_t(layers), false);
    if (version > 1 && layers < 4096)
      isLocal = localLayers();
    importer::addBlocks(result, isLocal, [&](bool sees) {
      return blockOf(sees ? local() : attention);
    });
  }

  Config &config;
  int version;
  int64_t layers = 0;
  spec::Norm norm;
  spec::Mlp mlp;
  spec::Attention attention;
  Import result;
};

} // namespace

Import importGemma(Config &config) { return Gemma(config, 1).import(); }
Import importGemma2(Config &config) { return Gemma(config, 2).import(); }
Import importGemma3(Config &config) { return Gemma(config, 3).import(); }

} // namespace importer
