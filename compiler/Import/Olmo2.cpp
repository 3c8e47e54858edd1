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
  Import result = beginLikeLlama(config, norms, 2048);
  spec::Spec &spec = result.spec;
  spec::Norm norm = rmsNorm(config.positive("rms_norm_eps", 1e-5));
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
  spec::Mlp mlp = readGatedMlp(config);
  spec::Logits logits;
  logits.tied = config.flag("tie_word_embeddings", false);
  spec.layers =
      decoderOf(config.size("num_hidden_layers"),
                layersOf(residualOf(attention, norm), residualOf(mlp, norm)),
                norm, logits);
  return result;
}

} // namespace importer
