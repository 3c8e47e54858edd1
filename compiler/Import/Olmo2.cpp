// OLMo 2 (2024): LLaMA whose norms stand behind attention and MLP, and with
// norms of all heads' queries, and keys, together.
#include "compiler/Import/Families.h"

namespace importer {
namespace {

constexpr TensorName norms[] = {
    {"layers.{i}.norm.weight", "layers.{i}.post_attention_layernorm.weight"},
    {"layers.{i}.norm_2.weight",
     "layers.{i}.post_feedforward_layernorm.weight"},
};

} // namespace

Import importOlmo2(Config &config) {
  refuseCommon(config);
  Import result;
  result.names = llamaNames();
  replaceNames(result, norms);
  result.prefixes = {"model.", ""};
  result.anchor = "embed_tokens.weight";
  spec::Spec &spec = result.spec;
  spec.dim = config.size("hidden_size");
  spec.context = config.size("max_position_embeddings", 2048);
  spec.vocab = config.size("vocab_size");

  spec::Norm norm;
  norm.kind = spec::NormKind::Rms;
  norm.bias = false;
  norm.eps = config.positive("rms_norm_eps", 1e-5);
  spec::Attention attention;
  attention.mask = spec::Mask::Causal;
  attention.heads = config.size("num_attention_heads");
  attention.kvHeads = config.size("num_key_value_heads", attention.heads);
  attention.headDim = readHeadDim(config, spec.dim, attention.heads,
                                  "hidden_size", "num_attention_heads");
  attention.rotary = readRotary(config, attention.headDim, spec.context);
  attention.qkNorm = spec::NormKind::Rms;
  attention.qkNormEps = norm.eps;
  attention.qkNormOver = spec::QkNormOver::Row;
  attention.queryBias = attention.keyBias = attention.valueBias =
      attention.outputBias = config.flag("attention_bias", false);
  spec::Mlp mlp;
  mlp.hidden = config.size("intermediate_size");
  mlp.act = readActivation(config, "hidden_act", "silu");
  mlp.gated = true;
  spec::Logits logits;
  logits.tied = config.flag("tie_word_embeddings", false);
  spec.layers = decoderOf(
      config, layersOf(residualOf(attention, norm), residualOf(mlp, norm)),
      norm, logits);
  return result;
}

} // namespace importer
