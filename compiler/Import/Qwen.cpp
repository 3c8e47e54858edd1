// Qwen 1 (Bai et al. 2023): LLaMA's arrangement under other names. What it
// scales beyond the length of its training is beyond our context.
#include "compiler/Import/Families.h"

namespace importer {
namespace {

constexpr TensorName names[] = {
    {"embed.weight", "wte.weight"},
    {"layers.{i}.norm.weight", "h.{i}.ln_1.weight"},
    {"layers.{i}.attention.query.weight", "h.{i}.attn.c_attn.weight", false,
     Fused::Stacked},
    {"layers.{i}.attention.query.bias", "h.{i}.attn.c_attn.bias", false,
     Fused::Stacked},
    {"layers.{i}.attention.key.weight", "h.{i}.attn.c_attn.weight", false,
     Fused::Stacked},
    {"layers.{i}.attention.key.bias", "h.{i}.attn.c_attn.bias", false,
     Fused::Stacked},
    {"layers.{i}.attention.value.weight", "h.{i}.attn.c_attn.weight", false,
     Fused::Stacked},
    {"layers.{i}.attention.value.bias", "h.{i}.attn.c_attn.bias", false,
     Fused::Stacked},
    {"layers.{i}.attention.output.weight", "h.{i}.attn.c_proj.weight"},
    {"layers.{i}.norm_2.weight", "h.{i}.ln_2.weight"},
    {"layers.{i}.mlp.gate.weight", "h.{i}.mlp.w2.weight"},
    {"layers.{i}.mlp.up.weight", "h.{i}.mlp.w1.weight"},
    {"layers.{i}.mlp.down.weight", "h.{i}.mlp.c_proj.weight"},
    {"norm.weight", "ln_f.weight"},
    {"logits.weight", "/lm_head.weight"},
};

} // namespace

Import importQwen(Config &config) {
  refuseCommon(config);
  expectFlag(config, "no_bias", true);
  Import result;
  result.names.assign(std::begin(names), std::end(names));
  result.prefixes = {"transformer.", ""};
  result.anchor = "wte.weight";
  spec::Spec &spec = result.spec;
  spec.dim = config.size("hidden_size");
  spec.context = config.size("seq_length", 8192);
  spec.vocab = config.size("vocab_size");

  spec::Norm norm = rmsNorm(config.positive("layer_norm_epsilon", 1e-6));
  spec::Attention attention;
  attention.mask = spec::Mask::Causal;
  attention.heads = config.size("num_attention_heads");
  attention.headDim = config.size("kv_channels", 128);
  attention.rotary = readRotary(config, attention.headDim, spec.context);
  attention.queryBias = attention.keyBias = attention.valueBias = true;
  spec::Mlp mlp;
  mlp.hidden = config.size("intermediate_size") / 2; // of both halves
  if (mlp.hidden < 1)
    config.problem("intermediate_size", "expected at least 2");
  mlp.act = spec::Activation::Silu;
  mlp.gated = true;
  spec::Logits logits;
  logits.tied = config.flag("tie_word_embeddings", false);
  spec.layers =
      decoderOf(config.size("num_hidden_layers"),
                layersOf(residualOf(norm, attention), residualOf(norm, mlp)),
                norm, logits);
  return result;
}

} // namespace importer
