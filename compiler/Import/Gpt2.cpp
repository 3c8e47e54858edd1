// GPT-2 (Radford et al. 2019): learned positions, LayerNorm before attention
// and MLP, matrices stored as [in, out], query, key and value in one.
#include "compiler/Import/Families.h"

namespace importer {
namespace {

constexpr TensorName names[] = {
    {"embed.weight", "wte.weight"},
    {"position.weight", "wpe.weight"},
    {"layers.{i}.norm.weight", "h.{i}.ln_1.weight"},
    {"layers.{i}.norm.bias", "h.{i}.ln_1.bias"},
    {"layers.{i}.attention.query.weight", "h.{i}.attn.c_attn.weight", true,
     Fused::Stacked},
    {"layers.{i}.attention.query.bias", "h.{i}.attn.c_attn.bias", false,
     Fused::Stacked},
    {"layers.{i}.attention.key.weight", "h.{i}.attn.c_attn.weight", true,
     Fused::Stacked},
    {"layers.{i}.attention.key.bias", "h.{i}.attn.c_attn.bias", false,
     Fused::Stacked},
    {"layers.{i}.attention.value.weight", "h.{i}.attn.c_attn.weight", true,
     Fused::Stacked},
    {"layers.{i}.attention.value.bias", "h.{i}.attn.c_attn.bias", false,
     Fused::Stacked},
    {"layers.{i}.attention.output.weight", "h.{i}.attn.c_proj.weight", true},
    {"layers.{i}.attention.output.bias", "h.{i}.attn.c_proj.bias"},
    {"layers.{i}.norm_2.weight", "h.{i}.ln_2.weight"},
    {"layers.{i}.norm_2.bias", "h.{i}.ln_2.bias"},
    {"layers.{i}.mlp.up.weight", "h.{i}.mlp.c_fc.weight", true},
    {"layers.{i}.mlp.up.bias", "h.{i}.mlp.c_fc.bias"},
    {"layers.{i}.mlp.down.weight", "h.{i}.mlp.c_proj.weight", true},
    {"layers.{i}.mlp.down.bias", "h.{i}.mlp.c_proj.bias"},
    {"norm.weight", "ln_f.weight"},
    {"norm.bias", "ln_f.bias"},
    {"logits.weight", "/lm_head.weight"},
};

void refuseVariants(Config &config) {
  if (config.flag("scale_attn_by_inverse_layer_idx", false))
    config.refuse("scale_attn_by_inverse_layer_idx", "true",
                  "every layer scales alike");
  if (config.flag("add_cross_attention", false))
    config.refuse("add_cross_attention", "true", "expected a decoder alone");
}

} // namespace

Import importGpt2(Config &config) {
  refuseCommon(config);
  refuseVariants(config);
  Import result;
  result.names.assign(std::begin(names), std::end(names));
  result.prefixes = {"", "transformer.", "model."};
  result.anchor = "wte.weight";

  spec::Spec &spec = result.spec;
  spec.dim = config.size("n_embd");
  spec.context = config.size("n_positions");
  spec.vocab = config.size("vocab_size");

  spec::Attention attention;
  attention.heads = config.size("n_head");
  attention.mask = spec::Mask::Causal;
  attention.queryBias = attention.keyBias = true;
  attention.valueBias = attention.outputBias = true;
  if (!config.flag("scale_attn_weights", true))
    attention.scale = 1.0;
  if (spec.dim % attention.heads != 0)
    config.problem("n_head", std::to_string(attention.heads) +
                                 " heads do not divide n_embd " +
                                 std::to_string(spec.dim));

  spec::Mlp mlp;
  mlp.hidden = config.size("n_inner", 4 * spec.dim);
  mlp.act = readActivation(config, "activation_function", "gelu_new");
  mlp.bias = true;

  spec::Norm norm;
  norm.eps = config.positive("layer_norm_epsilon", 1e-5);

  spec::Repeat repeat;
  repeat.count = config.size("n_layer");
  repeat.layers.push_back(makeLayer(residualOf(norm, attention)));
  repeat.layers.push_back(makeLayer(residualOf(norm, mlp)));

  spec::Logits logits;
  logits.tied = config.flag("tie_word_embeddings", true);

  spec.layers.push_back(makeLayer(spec::Embed()));
  spec.layers.push_back(makeLayer(spec::Position()));
  spec.layers.push_back(makeLayer(std::move(repeat)));
  spec.layers.push_back(makeLayer(norm));
  spec.layers.push_back(makeLayer(logits));
  return result;
}

} // namespace importer
