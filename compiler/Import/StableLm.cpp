// StableLM (Bellagente et al. 2024): LLaMA with LayerNorm and a part of each
// head rotated; some sizes have attention and MLP side by side after one norm.
#include "compiler/Import/Families.h"

namespace importer {
namespace {

constexpr TensorName norms[] = {
    {"layers.{i}.norm.bias", "layers.{i}.input_layernorm.bias"},
    {"layers.{i}.norm_2.bias", "layers.{i}.post_attention_layernorm.bias"},
    {"norm.bias", "norm.bias"},
};

} // namespace

Import importStableLm(Config &config) {
  Import result = beginLikeLlama(config, norms, 4096);
  spec::Spec &spec = result.spec;
  expectFlag(config, "qk_layernorm", false);
  spec::Norm norm;
  norm.eps = config.positive("layer_norm_eps", 1e-5);
  spec::Attention attention;
  attention.mask = spec::Mask::Causal;
  attention.heads = config.size("num_attention_heads");
  attention.kvHeads = config.size("num_key_value_heads", attention.heads);
  attention.headDim = readHeadDim(config, spec.dim, attention.heads,
                                  "hidden_size", "num_attention_heads");
  attention.rotary = readRotary(config, attention.headDim, spec.context, 0.25);
  attention.queryBias = attention.keyBias = attention.valueBias =
      config.flag("use_qkv_bias", false);
  spec::Mlp mlp = readGatedMlp(config);
  spec::Logits logits;
  logits.tied = config.flag("tie_word_embeddings", false);

  spec::Layers block =
      config.flag("use_parallel_residual", false)
          ? layersOf(residualOf(norm, parallelOf(attention, mlp)))
          : layersOf(residualOf(norm, attention), residualOf(norm, mlp));
  spec.layers = decoderOf(config.size("num_hidden_layers"), std::move(block),
                          norm, logits);
  return result;
}

} // namespace importer
