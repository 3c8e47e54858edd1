// BART (Lewis et al. 2020), mBART (Liu et al. 2020) and Marian (Junczys-Dowmunt
// et al. 2018): the transformer of 2017 with GELU or SiLU, norms behind each
// branch or, in mBART, before it.
#include "compiler/Import/Families.h"

#include <cmath>

using namespace llvm;

namespace importer {
namespace {

constexpr TensorName blocks[] = {
    {"encoder.layers.{i}.attention.query.weight",
     "encoder.layers.{i}.self_attn.q_proj.weight"},
    {"encoder.layers.{i}.attention.query.bias",
     "encoder.layers.{i}.self_attn.q_proj.bias"},
    {"encoder.layers.{i}.attention.key.weight",
     "encoder.layers.{i}.self_attn.k_proj.weight"},
    {"encoder.layers.{i}.attention.key.bias",
     "encoder.layers.{i}.self_attn.k_proj.bias"},
    {"encoder.layers.{i}.attention.value.weight",
     "encoder.layers.{i}.self_attn.v_proj.weight"},
    {"encoder.layers.{i}.attention.value.bias",
     "encoder.layers.{i}.self_attn.v_proj.bias"},
    {"encoder.layers.{i}.attention.output.weight",
     "encoder.layers.{i}.self_attn.out_proj.weight"},
    {"encoder.layers.{i}.attention.output.bias",
     "encoder.layers.{i}.self_attn.out_proj.bias"},
    {"encoder.layers.{i}.norm.weight",
     "encoder.layers.{i}.self_attn_layer_norm.weight"},
    {"encoder.layers.{i}.norm.bias",
     "encoder.layers.{i}.self_attn_layer_norm.bias"},
    {"encoder.layers.{i}.norm_2.weight",
     "encoder.layers.{i}.final_layer_norm.weight"},
    {"encoder.layers.{i}.norm_2.bias",
     "encoder.layers.{i}.final_layer_norm.bias"},
    {"encoder.layers.{i}.mlp.up.weight", "encoder.layers.{i}.fc1.weight"},
    {"encoder.layers.{i}.mlp.up.bias", "encoder.layers.{i}.fc1.bias"},
    {"encoder.layers.{i}.mlp.down.weight", "encoder.layers.{i}.fc2.weight"},
    {"encoder.layers.{i}.mlp.down.bias", "encoder.layers.{i}.fc2.bias"},
    {"decoder.layers.{i}.attention.query.weight",
     "decoder.layers.{i}.self_attn.q_proj.weight"},
    {"decoder.layers.{i}.attention.query.bias",
     "decoder.layers.{i}.self_attn.q_proj.bias"},
    {"decoder.layers.{i}.attention.key.weight",
     "decoder.layers.{i}.self_attn.k_proj.weight"},
    {"decoder.layers.{i}.attention.key.bias",
     "decoder.layers.{i}.self_attn.k_proj.bias"},
    {"decoder.layers.{i}.attention.value.weight",
     "decoder.layers.{i}.self_attn.v_proj.weight"},
    {"decoder.layers.{i}.attention.value.bias",
     "decoder.layers.{i}.self_attn.v_proj.bias"},
    {"decoder.layers.{i}.attention.output.weight",
     "decoder.layers.{i}.self_attn.out_proj.weight"},
    {"decoder.layers.{i}.attention.output.bias",
     "decoder.layers.{i}.self_attn.out_proj.bias"},
    {"decoder.layers.{i}.cross_attention.query.weight",
     "decoder.layers.{i}.encoder_attn.q_proj.weight"},
    {"decoder.layers.{i}.cross_attention.query.bias",
     "decoder.layers.{i}.encoder_attn.q_proj.bias"},
    {"decoder.layers.{i}.cross_attention.key.weight",
     "decoder.layers.{i}.encoder_attn.k_proj.weight"},
    {"decoder.layers.{i}.cross_attention.key.bias",
     "decoder.layers.{i}.encoder_attn.k_proj.bias"},
    {"decoder.layers.{i}.cross_attention.value.weight",
     "decoder.layers.{i}.encoder_attn.v_proj.weight"},
    {"decoder.layers.{i}.cross_attention.value.bias",
     "decoder.layers.{i}.encoder_attn.v_proj.bias"},
    {"decoder.layers.{i}.cross_attention.output.weight",
     "decoder.layers.{i}.encoder_attn.out_proj.weight"},
    {"decoder.layers.{i}.cross_attention.output.bias",
     "decoder.layers.{i}.encoder_attn.out_proj.bias"},
    {"decoder.layers.{i}.norm.weight",
     "decoder.layers.{i}.self_attn_layer_norm.weight"},
    {"decoder.layers.{i}.norm.bias",
     "decoder.layers.{i}.self_attn_layer_norm.bias"},
    {"decoder.layers.{i}.norm_2.weight",
     "decoder.layers.{i}.encoder_attn_layer_norm.weight"},
    {"decoder.layers.{i}.norm_2.bias",
     "decoder.layers.{i}.encoder_attn_layer_norm.bias"},
    {"decoder.layers.{i}.norm_3.weight",
     "decoder.layers.{i}.final_layer_norm.weight"},
    {"decoder.layers.{i}.norm_3.bias",
     "decoder.layers.{i}.final_layer_norm.bias"},
    {"decoder.layers.{i}.mlp.up.weight", "decoder.layers.{i}.fc1.weight"},
    {"decoder.layers.{i}.mlp.up.bias", "decoder.layers.{i}.fc1.bias"},
    {"decoder.layers.{i}.mlp.down.weight", "decoder.layers.{i}.fc2.weight"},
    {"decoder.layers.{i}.mlp.down.bias", "decoder.layers.{i}.fc2.bias"},
};

constexpr TensorName common[] = {
    {"encoder.norm.weight", "encoder.layernorm_embedding.weight"},
    {"encoder.norm.bias", "encoder.layernorm_embedding.bias"},
    {"encoder.norm_2.weight", "encoder.layer_norm.weight"},
    {"encoder.norm_2.bias", "encoder.layer_norm.bias"},
    {"encoder.position.weight", "encoder.embed_positions.weight", false,
     Fused::No, 2},
    {"decoder.norm.weight", "decoder.layernorm_embedding.weight"},
    {"decoder.norm.bias", "decoder.layernorm_embedding.bias"},
    {"decoder.norm_2.weight", "decoder.layer_norm.weight"},
    {"decoder.norm_2.bias", "decoder.layer_norm.bias"},
    {"decoder.position.weight", "decoder.embed_positions.weight", false,
     Fused::No, 2},
};

/// Both embeddings are one tensor, or each has its own; the scores' is the
/// decoder's or one of its own.
constexpr TensorName sharedNames[] = {
    {"encoder.embed.weight", "shared.weight"},
    {"decoder.embed.weight", "shared.weight"},
};
constexpr TensorName separateNames[] = {
    {"encoder.embed.weight", "encoder.embed_tokens.weight"},
    {"decoder.embed.weight", "decoder.embed_tokens.weight"},
};
constexpr TensorName scoreNames[] = {
    {"decoder.logits.weight", "/lm_head.weight"},
    {"decoder.logits.bias", "/final_logits_bias", false, Fused::No, 0, nullptr,
     /*flat=*/true},
};

/// What tells the families apart.
struct Kin {
  bool learned;   ///< positions
  bool embedNorm; ///< a norm behind the embedding
  bool preNorm;   ///< norms before each branch and after the last
  const char *act;
};

spec::Layers stackOf(Config &config, const std::string &stack, const Kin &kin) {
  spec::Norm norm;
  spec::Embed embed;
  int64_t width = config.size("d_model");
  if (config.flag("scale_embedding", false))
    embed.scale = std::sqrt(double(width));
  spec::Position position;
  if (!kin.learned) {
    position.kind = spec::PositionKind::Sinusoidal;
    position.layout = spec::RotaryLayout::Halves;
  }
  std::string headsKey = stack + "_attention_heads";
  spec::Attention attention;
  attention.heads = config.size(headsKey);
  attention.headDim =
      readHeadDim(config, width, attention.heads, "d_model", headsKey);
  attention.queryBias = attention.keyBias = attention.valueBias =
      attention.outputBias = true;
  spec::Mlp mlp;
  mlp.hidden = config.size(stack + "_ffn_dim");
  mlp.act = readActivation(config, "activation_function", kin.act);
  mlp.bias = true;
  spec::CrossAttention cross;
  cross.heads = attention.heads;
  cross.headDim = attention.headDim;
  cross.queryBias = cross.keyBias = cross.valueBias = cross.outputBias = true;

  std::vector<spec::LayerBody> branches{attention};
  if (stack == "decoder") {
    attention.mask = spec::Mask::Causal;
    branches = {attention, cross};
  }
  branches.emplace_back(mlp);
  spec::Layers block;
  for (const spec::LayerBody &branch : branches) {
    block.push_back(
        makeLayer(kin.preNorm ? residualOf(norm, branch) : residualOf(branch)));
    if (!kin.preNorm)
      block.push_back(makeLayer(norm));
  }
  spec::Layers layers = layersOf(embed, position);
  if (kin.embedNorm)
    layers.push_back(makeLayer(norm));
  layers.push_back(
      makeLayer(repeatOf(config.size(stack + "_layers"), std::move(block))));
  if (kin.preNorm)
    layers.push_back(makeLayer(norm));
  return layers;
}

void readTokens(Config &config, spec::Source &source) {
  for (auto [key, token] : {std::pair("decoder_start_token_id", &source.start),
                            std::pair("eos_token_id", &source.end)})
    if (config.has(key))
      *token = config.count(key, 0);
}

Import importStacks(Config &config, const Kin &kin) {
  refuseQuantised(config);
  StringRef head =
      readHead(config, {"ForConditionalGeneration", "MTModel", "Model"});
  expectFlag(config, "normalize_before", kin.preNorm);
  expectFlag(config, "normalize_embedding", kin.embedNorm);
  expectFlag(config, "add_final_layer_norm", kin.preNorm);
  expectFlag(config, "add_bias_logits", false);
  Import result;
  bool shared = config.flag("share_encoder_decoder_embeddings", true);
  result.names.assign(std::begin(blocks), std::end(blocks));
  for (const TensorName &name : common)
    result.names.push_back(name);
  for (const TensorName &name : shared ? sharedNames : separateNames)
    result.names.push_back(name);
  for (const TensorName &name : scoreNames)
    result.names.push_back(name);
  result.prefixes = {"model.", ""};
  result.anchor = "encoder.layers.0.fc1.weight";

  spec::Spec &spec = result.spec;
  spec.dim = config.size("d_model");
  spec.context = config.size("max_position_embeddings");
  spec.source.vocab = config.size("vocab_size");
  spec.vocab = config.size("decoder_vocab_size", spec.source.vocab);
  readTokens(config, spec.source);
  spec.encoder = stackOf(config, "encoder", kin);
  spec.layers = stackOf(config, "decoder", kin);
  if (head == "Model")
    return result;
  spec::Logits logits;
  logits.tied = config.flag("tie_word_embeddings", true);
  logits.bias = true;
  spec.layers.push_back(makeLayer(logits));
  return result;
}

} // namespace

ArrayRef<TensorName> bartBlockNames() { return blocks; }

Import importBart(Config &config) {
  return importStacks(config, {true, true, false, "gelu"});
}
Import importMbart(Config &config) {
  return importStacks(config, {true, true, true, "gelu"});
}
Import importMarian(Config &config) {
  return importStacks(config, {false, false, false, "gelu"});
}

} // namespace importer
