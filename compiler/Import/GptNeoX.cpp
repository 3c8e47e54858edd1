// GPT-NeoX (Black et al. 2022), Pythia and their kin: query, key and value of
// each head in turn in one matrix; attention and MLP side by side, each after a
// norm of its own, or one after the other.
#include "compiler/Import/Families.h"

namespace importer {
namespace {

constexpr TensorName names[] = {
    {"embed.weight", "gpt_neox.embed_in.weight"},
    {"layers.{i}.norm.weight", "gpt_neox.layers.{i}.input_layernorm.weight"},
    {"layers.{i}.norm.bias", "gpt_neox.layers.{i}.input_layernorm.bias"},
    {"layers.{i}.attention.query.weight",
     "gpt_neox.layers.{i}.attention.query_key_value.weight", false,
     Fused::Grouped},
    {"layers.{i}.attention.query.bias",
     "gpt_neox.layers.{i}.attention.query_key_value.bias", false,
     Fused::Grouped},
    {"layers.{i}.attention.key.weight",
     "gpt_neox.layers.{i}.attention.query_key_value.weight", false,
     Fused::Grouped},
    {"layers.{i}.attention.key.bias",
     "gpt_neox.layers.{i}.attention.query_key_value.bias", false,
     Fused::Grouped},
    {"layers.{i}.attention.value.weight",
     "gpt_neox.layers.{i}.attention.query_key_value.weight", false,
     Fused::Grouped},
    {"layers.{i}.attention.value.bias",
     "gpt_neox.layers.{i}.attention.query_key_value.bias", false,
     Fused::Grouped},
    {"layers.{i}.attention.output.weight",
     "gpt_neox.layers.{i}.attention.dense.weight"},
    {"layers.{i}.attention.output.bias",
     "gpt_neox.layers.{i}.attention.dense.bias"},
    {"layers.{i}.norm_2.weight",
     "gpt_neox.layers.{i}.post_attention_layernorm.weight"},
    {"layers.{i}.norm_2.bias",
     "gpt_neox.layers.{i}.post_attention_layernorm.bias"},
    {"layers.{i}.mlp.up.weight",
     "gpt_neox.layers.{i}.mlp.dense_h_to_4h.weight"},
    {"layers.{i}.mlp.up.bias", "gpt_neox.layers.{i}.mlp.dense_h_to_4h.bias"},
    {"layers.{i}.mlp.down.weight",
     "gpt_neox.layers.{i}.mlp.dense_4h_to_h.weight"},
    {"layers.{i}.mlp.down.bias", "gpt_neox.layers.{i}.mlp.dense_4h_to_h.bias"},
    {"norm.weight", "gpt_neox.final_layer_norm.weight"},
    {"norm.bias", "gpt_neox.final_layer_norm.bias"},
    {"logits.weight", "embed_out.weight"},
};

} // namespace

Import importGptNeoX(Config &config) {
  refuseCommon(config);
  Import result;
  result.names.assign(std::begin(names), std::end(names));
  result.prefixes = {""};
  result.anchor = "gpt_neox.embed_in.weight";
  spec::Spec &spec = result.spec;
  spec.dim = config.size("hidden_size");
  spec.context = config.size("max_position_embeddings", 2048);
  spec.vocab = config.size("vocab_size");

  spec::Norm norm;
  norm.eps = config.positive("layer_norm_eps", 1e-5);
  spec::Attention attention;
  attention.mask = spec::Mask::Causal;
  attention.heads = attention.kvHeads = config.size("num_attention_heads");
  attention.headDim = readHeadDim(config, spec.dim, attention.heads,
                                  "hidden_size", "num_attention_heads");
  attention.rotary = readRotary(config, attention.headDim, spec.context, 0.25);
  attention.queryBias = attention.keyBias = attention.valueBias =
      attention.outputBias = config.flag("attention_bias", true);
  spec::Mlp mlp;
  mlp.hidden = config.size("intermediate_size");
  mlp.act = readActivation(config, "hidden_act", "gelu");
  mlp.bias = true;
  spec::Logits logits;
  logits.tied = config.flag("tie_word_embeddings", false);

  spec::Layers block =
      config.flag("use_parallel_residual", true)
          ? layersOf(residualOf(
                parallelOf(branchOf(norm, attention), branchOf(norm, mlp))))
          : layersOf(residualOf(norm, attention), residualOf(norm, mlp));
  spec.layers = decoderOf(config.size("num_hidden_layers"), std::move(block),
                          norm, logits);
  return result;
}

} // namespace importer
