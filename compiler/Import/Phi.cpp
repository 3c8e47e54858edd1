// Phi 1, 1.5 and 2 (Gunasekar et al. 2023): attention and MLP side by side
// after one norm, part of each head rotated, biases everywhere. Configs of
// transformers, and of the models' own code ("phi-msft").
#include "compiler/Import/Families.h"

namespace importer {
namespace {

constexpr TensorName names[] = {
    {"embed.weight", "model.embed_tokens.weight"},
    {"layers.{i}.norm.weight", "model.layers.{i}.input_layernorm.weight"},
    {"layers.{i}.norm.bias", "model.layers.{i}.input_layernorm.bias"},
    {"layers.{i}.attention.query.weight",
     "model.layers.{i}.self_attn.q_proj.weight"},
    {"layers.{i}.attention.query.bias",
     "model.layers.{i}.self_attn.q_proj.bias"},
    {"layers.{i}.attention.key.weight",
     "model.layers.{i}.self_attn.k_proj.weight"},
    {"layers.{i}.attention.key.bias", "model.layers.{i}.self_attn.k_proj.bias"},
    {"layers.{i}.attention.value.weight",
     "model.layers.{i}.self_attn.v_proj.weight"},
    {"layers.{i}.attention.value.bias",
     "model.layers.{i}.self_attn.v_proj.bias"},
    {"layers.{i}.attention.output.weight",
     "model.layers.{i}.self_attn.dense.weight"},
    {"layers.{i}.attention.output.bias",
     "model.layers.{i}.self_attn.dense.bias"},
    {"layers.{i}.mlp.up.weight", "model.layers.{i}.mlp.fc1.weight"},
    {"layers.{i}.mlp.up.bias", "model.layers.{i}.mlp.fc1.bias"},
    {"layers.{i}.mlp.down.weight", "model.layers.{i}.mlp.fc2.weight"},
    {"layers.{i}.mlp.down.bias", "model.layers.{i}.mlp.fc2.bias"},
    {"norm.weight", "model.final_layernorm.weight"},
    {"norm.bias", "model.final_layernorm.bias"},
    {"logits.weight", "lm_head.weight"},
    {"logits.bias", "lm_head.bias"},
};

constexpr TensorName ownNames[] = {
    {"embed.weight", "transformer.embd.wte.weight"},
    {"layers.{i}.norm.weight", "transformer.h.{i}.ln.weight"},
    {"layers.{i}.norm.bias", "transformer.h.{i}.ln.bias"},
    {"layers.{i}.attention.query.weight", "transformer.h.{i}.mixer.Wqkv.weight",
     false, Fused::Stacked},
    {"layers.{i}.attention.query.bias", "transformer.h.{i}.mixer.Wqkv.bias",
     false, Fused::Stacked},
    {"layers.{i}.attention.key.weight", "transformer.h.{i}.mixer.Wqkv.weight",
     false, Fused::Stacked},
    {"layers.{i}.attention.key.bias", "transformer.h.{i}.mixer.Wqkv.bias",
     false, Fused::Stacked},
    {"layers.{i}.attention.value.weight", "transformer.h.{i}.mixer.Wqkv.weight",
     false, Fused::Stacked},
    {"layers.{i}.attention.value.bias", "transformer.h.{i}.mixer.Wqkv.bias",
     false, Fused::Stacked},
    {"layers.{i}.attention.output.weight",
     "transformer.h.{i}.mixer.out_proj.weight"},
    {"layers.{i}.attention.output.bias",
     "transformer.h.{i}.mixer.out_proj.bias"},
    {"layers.{i}.mlp.up.weight", "transformer.h.{i}.mlp.fc1.weight"},
    {"layers.{i}.mlp.up.bias", "transformer.h.{i}.mlp.fc1.bias"},
    {"layers.{i}.mlp.down.weight", "transformer.h.{i}.mlp.fc2.weight"},
    {"layers.{i}.mlp.down.bias", "transformer.h.{i}.mlp.fc2.bias"},
    {"norm.weight", "lm_head.ln.weight"},
    {"norm.bias", "lm_head.ln.bias"},
    {"logits.weight", "lm_head.linear.weight"},
    {"logits.bias", "lm_head.linear.bias"},
};

Import makeModel(spec::Spec spec, spec::Norm norm, spec::Attention attention,
                 spec::Mlp mlp, int64_t layers, bool tied) {
  attention.mask = spec::Mask::Causal;
  attention.queryBias = attention.keyBias = attention.valueBias =
      attention.outputBias = true;
  mlp.bias = true;
  spec::Logits logits;
  logits.bias = true;
  logits.tied = tied;
  spec.layers = layersOf(
      spec::Embed(),
      repeatOf(layers, layersOf(residualOf(norm, parallelOf(attention, mlp)))),
      norm, logits);
  Import result;
  result.spec = std::move(spec);
  result.prefixes = {""};
  return result;
}

} // namespace

Import importPhi(Config &config) {
  refuseCommon(config);
  expectFlag(config, "qk_layernorm", false);
  spec::Spec spec;
  spec.dim = config.size("hidden_size");
  spec.context = config.size("max_position_embeddings", 2048);
  spec.vocab = config.size("vocab_size");
  spec::Norm norm;
  norm.eps = config.positive("layer_norm_eps", 1e-5);
  spec::Attention attention;
  attention.heads = config.size("num_attention_heads");
  attention.kvHeads = config.size("num_key_value_heads", attention.heads);
  attention.headDim = readHeadDim(config, spec.dim, attention.heads,
                                  "hidden_size", "num_attention_heads");
  attention.rotary = readRotary(config, attention.headDim, spec.context, 0.5);
  spec::Mlp mlp;
  mlp.hidden = config.size("intermediate_size");
  mlp.act = readActivation(config, "hidden_act", "gelu_new");
  Import result =
      makeModel(spec, norm, attention, mlp, config.size("num_hidden_layers"),
                config.flag("tie_word_embeddings", false));
  result.names.assign(std::begin(names), std::end(names));
  result.anchor = "model.embed_tokens.weight";
  return result;
}

Import importPhiMsft(Config &config) {
  refuseCommon(config);
  spec::Spec spec;
  spec.dim = config.size("n_embd");
  spec.context = config.size("n_positions");
  spec.vocab = config.size("vocab_size");
  spec::Norm norm;
  norm.eps = config.positive("layer_norm_epsilon", 1e-5);
  spec::Attention attention;
  attention.heads = config.size("n_head");
  attention.kvHeads = config.size("n_head_kv", attention.heads);
  attention.headDim =
      readHeadDim(config, spec.dim, attention.heads, "n_embd", "n_head");
  attention.rotary = spec::Rotary();
  attention.rotary->dim = config.size("rotary_dim", 32);
  spec::Mlp mlp;
  mlp.hidden = config.size("n_inner", 4 * spec.dim);
  mlp.act = readActivation(config, "activation_function", "gelu_new");
  Import result = makeModel(spec, norm, attention, mlp, config.size("n_layer"),
                            config.flag("tie_word_embeddings", false));
  result.names.assign(std::begin(ownNames), std::end(ownNames));
  result.anchor = "transformer.embd.wte.weight";
  return result;
}

} // namespace importer
