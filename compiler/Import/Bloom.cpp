// BLOOM (BigScience 2022): ALiBi, a norm behind the embedding, query, key and
// value of each head in turn in one matrix.
#include "compiler/Import/Families.h"

namespace importer {
namespace {

constexpr TensorName common[] = {
    {"embed.weight", "word_embeddings.weight"},
    {"layers.{i}.attention.query.weight",
     "h.{i}.self_attention.query_key_value.weight", false, Fused::Grouped},
    {"layers.{i}.attention.query.bias",
     "h.{i}.self_attention.query_key_value.bias", false, Fused::Grouped},
    {"layers.{i}.attention.key.weight",
     "h.{i}.self_attention.query_key_value.weight", false, Fused::Grouped},
    {"layers.{i}.attention.key.bias",
     "h.{i}.self_attention.query_key_value.bias", false, Fused::Grouped},
    {"layers.{i}.attention.value.weight",
     "h.{i}.self_attention.query_key_value.weight", false, Fused::Grouped},
    {"layers.{i}.attention.value.bias",
     "h.{i}.self_attention.query_key_value.bias", false, Fused::Grouped},
    {"layers.{i}.attention.output.weight", "h.{i}.self_attention.dense.weight"},
    {"layers.{i}.attention.output.bias", "h.{i}.self_attention.dense.bias"},
    {"layers.{i}.mlp.up.weight", "h.{i}.mlp.dense_h_to_4h.weight"},
    {"layers.{i}.mlp.up.bias", "h.{i}.mlp.dense_h_to_4h.bias"},
    {"layers.{i}.mlp.down.weight", "h.{i}.mlp.dense_4h_to_h.weight"},
    {"layers.{i}.mlp.down.bias", "h.{i}.mlp.dense_4h_to_h.bias"},
    {"logits.weight", "/lm_head.weight"},
};
constexpr TensorName norms[] = {
    {"norm.weight", "word_embeddings_layernorm.weight"},
    {"norm.bias", "word_embeddings_layernorm.bias"},
    {"layers.{i}.norm.weight", "h.{i}.input_layernorm.weight"},
    {"layers.{i}.norm.bias", "h.{i}.input_layernorm.bias"},
    {"layers.{i}.norm_2.weight", "h.{i}.post_attention_layernorm.weight"},
    {"layers.{i}.norm_2.bias", "h.{i}.post_attention_layernorm.bias"},
    {"norm_2.weight", "ln_f.weight"},
    {"norm_2.bias", "ln_f.bias"},
};

} // namespace

llvm::ArrayRef<TensorName> bloomNames() { return common; }

Import importBloom(Config &config) {
  refuseCommon(config);
  expectFlag(config, "apply_residual_connection_post_layernorm", false);
  Import result;
  result.names.assign(std::begin(common), std::end(common));
  result.names.insert(result.names.end(), std::begin(norms), std::end(norms));
  result.prefixes = {"transformer.", ""};
  result.anchor = "word_embeddings.weight";
  spec::Spec &spec = result.spec;
  spec.dim = config.size(config.has("n_embed") ? "n_embed" : "hidden_size");
  spec.context = config.size("seq_length", 2048);
  spec.vocab = config.size("vocab_size");

  spec::Norm norm;
  norm.eps = config.positive("layer_norm_epsilon", 1e-5);
  spec::Attention attention;
  attention.mask = spec::Mask::Causal;
  attention.heads = config.size(
      config.has("num_attention_heads") ? "num_attention_heads" : "n_head");
  attention.kvHeads = attention.heads;
  attention.headDim =
      readHeadDim(config, spec.dim, attention.heads, "hidden_size", "n_head");
  attention.alibi.emplace();
  attention.queryBias = attention.keyBias = attention.valueBias =
      attention.outputBias = true;
  spec::Mlp mlp;
  mlp.hidden = 4 * spec.dim;
  mlp.act = spec::Activation::GeluTanh;
  mlp.bias = true;
  spec::Logits logits;
  logits.tied = config.flag("tie_word_embeddings", true);

  int64_t depth = config.size(
      config.has("num_hidden_layers") ? "num_hidden_layers" : "n_layer");
  spec.layers = layersOf(spec::Embed(), norm,
                         repeatOf(depth, layersOf(residualOf(norm, attention),
                                                  residualOf(norm, mlp))),
                         norm, logits);
  return result;
}

} // namespace importer
