// ALBERT (Lan et al. 2020): BERT with one block used in every layer and an
// embedding narrower than the rest.
#include "compiler/Import/Families.h"

using namespace llvm;

namespace importer {
namespace {

#define BLOCK "encoder.albert_layer_groups.0.albert_layers.0."

constexpr TensorName names[] = {
    {"embed.weight", "embeddings.word_embeddings.weight"},
    {"types.weight", "embeddings.token_type_embeddings.weight"},
    {"norm.weight", "embeddings.LayerNorm.weight"},
    {"norm.bias", "embeddings.LayerNorm.bias"},
    {"linear.weight", "encoder.embedding_hidden_mapping_in.weight"},
    {"linear.bias", "encoder.embedding_hidden_mapping_in.bias"},
    {"layers.attention.query.weight", BLOCK "attention.query.weight"},
    {"layers.attention.query.bias", BLOCK "attention.query.bias"},
    {"layers.attention.key.weight", BLOCK "attention.key.weight"},
    {"layers.attention.key.bias", BLOCK "attention.key.bias"},
    {"layers.attention.value.weight", BLOCK "attention.value.weight"},
    {"layers.attention.value.bias", BLOCK "attention.value.bias"},
    {"layers.attention.output.weight", BLOCK "attention.dense.weight"},
    {"layers.attention.output.bias", BLOCK "attention.dense.bias"},
    {"layers.norm.weight", BLOCK "attention.LayerNorm.weight"},
    {"layers.norm.bias", BLOCK "attention.LayerNorm.bias"},
    {"layers.mlp.up.weight", BLOCK "ffn.weight"},
    {"layers.mlp.up.bias", BLOCK "ffn.bias"},
    {"layers.mlp.down.weight", BLOCK "ffn_output.weight"},
    {"layers.mlp.down.bias", BLOCK "ffn_output.bias"},
    {"layers.norm_2.weight", BLOCK "full_layer_layer_norm.weight"},
    {"layers.norm_2.bias", BLOCK "full_layer_layer_norm.bias"},
    {"norm_2.weight", "/predictions.LayerNorm.weight"},
    {"norm_2.bias", "/predictions.LayerNorm.bias"},
    {"logits.bias", "/predictions.bias"},
};

#undef BLOCK

constexpr TensorName scores[] = {
    {"linear_2.weight", "/predictions.dense.weight"},
    {"linear_2.bias", "/predictions.dense.bias"},
};
constexpr TensorName pooled[] = {
    {"linear_2.weight", "pooler.weight"},
    {"linear_2.bias", "pooler.bias"},
    {"linear_3.weight", "/classifier.weight"},
    {"linear_3.bias", "/classifier.bias"},
};

} // namespace

Import importAlbert(Config &config) {
  refuseQuantised(config);
  StringRef head = readHead(config, {"Model", "ForMaskedLM", "ForPreTraining",
                                     "ForSequenceClassification"});
  for (StringRef key : {"num_hidden_groups", "inner_group_num"})
    if (config.size(key, 1) != 1)
      config.refuse(key, std::to_string(config.size(key, 1)), "expected 1");
  Import result;
  result.names.assign(std::begin(names), std::end(names));
  result.prefixes = {"albert.", ""};
  result.anchor = "embeddings.word_embeddings.weight";
  int64_t segments = config.size("type_vocab_size", 2);
  result.names.push_back(
      {"position.weight", "embeddings.position_embeddings.weight", false,
       Fused::No, 0,
       segments > 1 ? nullptr
                    : "embeddings.token_type_embeddings.weight[0:1, :]"});
  int64_t width = config.size("hidden_size");
  spec::Spec &spec = result.spec;
  spec.dim = config.size("embedding_size", 128);
  spec.context = config.size("max_position_embeddings", 512);
  spec.vocab = config.size("vocab_size");
  spec::Norm norm;
  norm.eps = config.positive("layer_norm_eps", 1e-12);
  spec::Attention attention;
  attention.heads = config.size("num_attention_heads");
  attention.headDim = readHeadDim(config, width, attention.heads, "hidden_size",
                                  "num_attention_heads");
  attention.queryBias = attention.keyBias = attention.valueBias =
      attention.outputBias = true;
  spec::Mlp mlp;
  mlp.hidden = config.size("intermediate_size");
  mlp.act = readActivation(config, "hidden_act", "gelu_new");
  mlp.bias = true;
  spec::Linear wider;
  wider.to = width;
  wider.bias = true;
  spec::Repeat repeat =
      repeatOf(config.size("num_hidden_layers", 12),
               layersOf(residualOf(attention), norm, residualOf(mlp), norm));
  repeat.share = true;
  spec.layers = beginTyped(segments);
  for (spec::Layer &layer : layersOf(norm, wider, std::move(repeat)))
    spec.layers.push_back(std::move(layer));
  bool masked = head == "ForMaskedLM" || head == "ForPreTraining";
  if (masked)
    addMaskedHead(spec, spec.dim, norm, mlp.act, true);
  else
    addPooledHead(spec, width, spec::Activation::Tanh,
                  head == "Model" ? 0 : readLabels(config));
  ArrayRef<TensorName> more = masked ? ArrayRef(scores) : ArrayRef(pooled);
  result.names.insert(result.names.end(), more.begin(), more.end());
  return result;
}

} // namespace importer
