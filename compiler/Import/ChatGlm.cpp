// ChatGLM 2 and 3 and GLM-4 (GLM team 2024): LLaMA's arrangement, of whose
// heads the first half is rotated, neighbours being partners. The first
// ChatGLM has positions of two kinds and is another model.
#include "compiler/Import/Families.h"

namespace importer {
namespace {

#define BLOCK "encoder.layers.{i}."
constexpr TensorName names[] = {
    {"embed.weight", "embedding.word_embeddings.weight"},
    {"layers.{i}.norm.weight", BLOCK "input_layernorm.weight"},
    {"layers.{i}.attention.query.weight",
     BLOCK "self_attention.query_key_value.weight", false, Fused::Stacked},
    {"layers.{i}.attention.query.bias",
     BLOCK "self_attention.query_key_value.bias", false, Fused::Stacked},
    {"layers.{i}.attention.key.weight",
     BLOCK "self_attention.query_key_value.weight", false, Fused::Stacked},
    {"layers.{i}.attention.key.bias",
     BLOCK "self_attention.query_key_value.bias", false, Fused::Stacked},
    {"layers.{i}.attention.value.weight",
     BLOCK "self_attention.query_key_value.weight", false, Fused::Stacked},
    {"layers.{i}.attention.value.bias",
     BLOCK "self_attention.query_key_value.bias", false, Fused::Stacked},
    {"layers.{i}.attention.output.weight", BLOCK "self_attention.dense.weight"},
    {"layers.{i}.attention.output.bias", BLOCK "self_attention.dense.bias"},
    {"layers.{i}.norm_2.weight", BLOCK "post_attention_layernorm.weight"},
    {"layers.{i}.mlp.gate.weight", BLOCK "mlp.dense_h_to_4h.weight", false,
     Fused::Stacked},
    {"layers.{i}.mlp.gate.bias", BLOCK "mlp.dense_h_to_4h.bias", false,
     Fused::Stacked},
    {"layers.{i}.mlp.up.weight", BLOCK "mlp.dense_h_to_4h.weight", false,
     Fused::Stacked},
    {"layers.{i}.mlp.up.bias", BLOCK "mlp.dense_h_to_4h.bias", false,
     Fused::Stacked},
    {"layers.{i}.mlp.down.weight", BLOCK "mlp.dense_4h_to_h.weight"},
    {"layers.{i}.mlp.down.bias", BLOCK "mlp.dense_4h_to_h.bias"},
    {"norm.weight", "encoder.final_layernorm.weight"},
    {"logits.weight", "output_layer.weight"},
};
#undef BLOCK

constexpr int64_t vocabularyOfGlm4 = 151552;

void refuseOthers(Config &config) {
  refuseQuantised(config);
  readHead(config, {"Model", "ForConditionalGeneration"});
  if (config.flag("position_encoding_2d", false))
    config.refuse("position_encoding_2d", "true",
                  "expected a model of the second generation or later");
  if (config.has("pre_seq_len"))
    config.refuse("pre_seq_len", "a trained prefix", "expected none");
  for (llvm::StringRef key :
       {"multi_query_attention", "original_rope", "post_layer_norm", "rmsnorm"})
    expectFlag(config, key, true);
  expectFlag(config, "apply_residual_connection_post_layernorm", false);
}

/// Where contexts are longer than the first ones', `rope_ratio` multiplies the
/// base of GLM-4's frequencies; of older models it may divide positions as
/// well, which the config does not say.
spec::Rotary readPositions(Config &config, int64_t headDim, int64_t vocab) {
  double ratio = config.positive("rope_ratio", 1.0);
  if (ratio != 1.0 && vocab != vocabularyOfGlm4)
    config.refuse("rope_ratio", "another number than 1",
                  "models before GLM-4 take it in two ways");
  spec::Rotary rotary;
  rotary.layout = spec::RotaryLayout::Pairs;
  rotary.theta = 10000.0 * ratio;
  rotary.dim = headDim / 2;
  if (rotary.dim < 2 || rotary.dim % 2 != 0)
    config.problem("kv_channels", "a rotated half of " +
                                      std::to_string(rotary.dim) +
                                      " is not even");
  return rotary;
}

} // namespace

Import importChatGlm(Config &config) {
  refuseOthers(config);
  Import result;
  result.names.assign(std::begin(names), std::end(names));
  result.prefixes = {"transformer.", ""};
  result.anchor = "embedding.word_embeddings.weight";
  spec::Spec &spec = result.spec;
  spec.dim = config.size("hidden_size");
  spec.context = config.size("seq_length");
  spec.vocab = config.size("padded_vocab_size");
  bool bias = config.flag("add_bias_linear", false);

  spec::Norm norm = rmsNorm(config.positive("layernorm_epsilon", 1e-5));
  spec::Attention attention;
  attention.mask = spec::Mask::Causal;
  attention.heads = config.size("num_attention_heads");
  attention.kvHeads = config.size("multi_query_group_num");
  checkSharing(config, "multi_query_group_num", attention);
  attention.headDim = config.size("kv_channels", 128);
  attention.rotary = readPositions(config, attention.headDim, spec.vocab);
  attention.queryBias = attention.keyBias = attention.valueBias =
      bias || config.flag("add_qkv_bias", false);
  attention.outputBias = bias;
  spec::Mlp mlp;
  mlp.hidden = config.size("ffn_hidden_size");
  mlp.act = spec::Activation::Silu;
  mlp.gated = true;
  mlp.bias = bias;
  spec::Logits logits;
  logits.tied = config.flag("tie_word_embeddings", false);
  spec.layers =
      decoderOf(config.size("num_layers"),
                layersOf(residualOf(norm, attention), residualOf(norm, mlp)),
                norm, logits);
  return result;
}

} // namespace importer
