// Falcon (Almazrouei et al. 2023): for each key head its queries, the key and
// the value in one matrix; attention and MLP side by side after one norm or
// two.
#include "compiler/Import/Families.h"

#include <cmath>

namespace importer {
namespace {

constexpr TensorName lastNorm[] = {
    {"norm.weight", "ln_f.weight"},
    {"norm.bias", "ln_f.bias"},
};
constexpr TensorName normsInOrder[] = {
    {"layers.{i}.norm.weight", "h.{i}.input_layernorm.weight"},
    {"layers.{i}.norm.bias", "h.{i}.input_layernorm.bias"},
    {"layers.{i}.norm_2.weight", "h.{i}.post_attention_layernorm.weight"},
    {"layers.{i}.norm_2.bias", "h.{i}.post_attention_layernorm.bias"},
};
constexpr TensorName normsOfBranches[] = {
    {"layers.{i}.norm.weight", "h.{i}.ln_attn.weight"},
    {"layers.{i}.norm.bias", "h.{i}.ln_attn.bias"},
    {"layers.{i}.norm_2.weight", "h.{i}.ln_mlp.weight"},
    {"layers.{i}.norm_2.bias", "h.{i}.ln_mlp.bias"},
};

spec::Attention readAttention(Config &config, const spec::Spec &spec,
                              bool newer, bool bias) {
  spec::Attention attention;
  attention.mask = spec::Mask::Causal;
  attention.heads = config.size("num_attention_heads");
  attention.headDim = readHeadDim(config, spec.dim, attention.heads,
                                  "hidden_size", "num_attention_heads");
  if (newer)
    attention.kvHeads = config.size("num_kv_heads", attention.heads);
  else
    attention.kvHeads = config.flag("multi_query", true) ? 1 : attention.heads;
  checkSharing(config, "num_kv_heads", attention);
  // Its biases are scaled as the scores are.
  if (config.flag("alibi", false))
    attention.alibi = {1.0 / std::sqrt(double(attention.headDim))};
  else
    attention.rotary = readRotary(config, attention.headDim, spec.context);
  attention.queryBias = attention.keyBias = attention.valueBias =
      attention.outputBias = bias;
  return attention;
}

} // namespace

Import importFalcon(Config &config) {
  refuseCommon(config);
  expectFlag(config, "apply_residual_connection_post_layernorm", false);
  Import result;
  result.names = bloomNames();
  result.names.insert(result.names.end(), std::begin(lastNorm),
                      std::end(lastNorm));
  result.prefixes = {"transformer.", ""};
  result.anchor = "word_embeddings.weight";
  spec::Spec &spec = result.spec;
  spec.dim = config.size("hidden_size");
  spec.context = config.size("max_position_embeddings", 2048);
  spec.vocab = config.size("vocab_size");

  bool newer = config.flag("new_decoder_architecture", false);
  bool bias = config.flag("bias", false);
  spec::Norm norm;
  norm.eps = config.positive("layer_norm_epsilon", 1e-5);
  spec::Attention attention = readAttention(config, spec, newer, bias);
  spec::Mlp mlp;
  mlp.hidden = config.size("ffn_hidden_size", 4 * spec.dim);
  mlp.act = readActivation(config, "activation", "gelu");
  mlp.bias = bias;
  spec::Logits logits;
  logits.tied = config.flag("tie_word_embeddings", true);

  bool twoNorms = newer && config.count("num_ln_in_parallel_attn", 2) == 2;
  spec::Layers block;
  if (twoNorms)
    block = layersOf(
        residualOf(parallelOf(branchOf(norm, attention), branchOf(norm, mlp))));
  else if (newer || config.flag("parallel_attn", true))
    block = layersOf(residualOf(norm, parallelOf(attention, mlp)));
  else
    block = layersOf(residualOf(norm, attention), residualOf(norm, mlp));
  for (const TensorName &name : twoNorms ? normsOfBranches : normsInOrder)
    result.names.push_back(name);
  spec.layers = decoderOf(config.size("num_hidden_layers"), std::move(block),
                          norm, logits);
  return result;
}

} // namespace importer
