// OPT (Zhang et al. 2022): learned positions whose table begins with two rows
// that nobody uses, ReLU; one size has norms behind, one a narrower embedding.
#include "compiler/Import/Families.h"

namespace importer {
namespace {

constexpr TensorName names[] = {
    {"embed.weight", "embed_tokens.weight"},
    {"position.weight", "embed_positions.weight", false, Fused::No, 2},
    {"linear.weight", "project_in.weight"},
    {"linear_2.weight", "project_out.weight"},
    {"layers.{i}.norm.weight", "layers.{i}.self_attn_layer_norm.weight"},
    {"layers.{i}.norm.bias", "layers.{i}.self_attn_layer_norm.bias"},
    {"layers.{i}.attention.query.weight", "layers.{i}.self_attn.q_proj.weight"},
    {"layers.{i}.attention.query.bias", "layers.{i}.self_attn.q_proj.bias"},
    {"layers.{i}.attention.key.weight", "layers.{i}.self_attn.k_proj.weight"},
    {"layers.{i}.attention.key.bias", "layers.{i}.self_attn.k_proj.bias"},
    {"layers.{i}.attention.value.weight", "layers.{i}.self_attn.v_proj.weight"},
    {"layers.{i}.attention.value.bias", "layers.{i}.self_attn.v_proj.bias"},
    {"layers.{i}.attention.output.weight",
     "layers.{i}.self_attn.out_proj.weight"},
    {"layers.{i}.attention.output.bias", "layers.{i}.self_attn.out_proj.bias"},
    {"layers.{i}.norm_2.weight", "layers.{i}.final_layer_norm.weight"},
    {"layers.{i}.norm_2.bias", "layers.{i}.final_layer_norm.bias"},
    {"layers.{i}.mlp.up.weight", "layers.{i}.fc1.weight"},
    {"layers.{i}.mlp.up.bias", "layers.{i}.fc1.bias"},
    {"layers.{i}.mlp.down.weight", "layers.{i}.fc2.weight"},
    {"layers.{i}.mlp.down.bias", "layers.{i}.fc2.bias"},
    {"norm.weight", "final_layer_norm.weight"},
    {"norm.bias", "final_layer_norm.bias"},
    {"logits.weight", "/lm_head.weight"},
};

} // namespace

Import importOpt(Config &config) {
  refuseCommon(config);
  expectFlag(config, "layer_norm_elementwise_affine", true);
  Import result;
  result.names.assign(std::begin(names), std::end(names));
  result.prefixes = {"model.decoder.", "decoder.", ""};
  result.anchor = "embed_tokens.weight";
  int64_t width = config.size("hidden_size");
  spec::Spec &spec = result.spec;
  spec.dim = config.size("word_embed_proj_dim", width);
  spec.context = config.size("max_position_embeddings", 2048);
  spec.vocab = config.size("vocab_size");

  spec::Norm norm;
  spec::Attention attention;
  attention.mask = spec::Mask::Causal;
  attention.heads = config.size("num_attention_heads");
  attention.headDim = readHeadDim(config, width, attention.heads, "hidden_size",
                                  "num_attention_heads");
  bool bias = config.flag("enable_bias", true);
  attention.queryBias = attention.keyBias = attention.valueBias =
      attention.outputBias = bias;
  spec::Mlp mlp;
  mlp.hidden = config.size("ffn_dim");
  mlp.act = readActivation(config, "activation_function", "relu");
  mlp.bias = bias;
  spec::Linear in, out;
  in.to = width;
  out.to = spec.dim;
  spec::Logits logits;
  logits.tied = config.flag("tie_word_embeddings", true);

  bool before = config.flag("do_layer_norm_before", true);
  spec::Layers block =
      before ? layersOf(residualOf(norm, attention), residualOf(norm, mlp))
             : layersOf(residualOf(attention), norm, residualOf(mlp), norm);
  auto add = [&](spec::LayerBody body) {
    spec.layers.push_back(makeLayer(std::move(body)));
  };
  add(spec::Embed());
  if (spec.dim != width)
    add(in);
  add(spec::Position());
  add(repeatOf(config.size("num_hidden_layers"), std::move(block)));
  if (before && !config.flag("_remove_final_layer_norm", false))
    add(norm);
  if (spec.dim != width)
    add(out);
  add(logits);
  return result;
}

} // namespace importer
