// DeepSeek-V2 (DeepSeek-AI 2024) and V3: latent attention, a few blocks with
// one MLP each, then blocks with experts, all or each so many.
#include "compiler/Import/Families.h"

#include <cmath>

using namespace llvm;

namespace importer {
namespace {

constexpr TensorName names[] = {
    {"layers.{i}.latent_attention.query_latent.weight",
     "layers.{i}.self_attn.q_a_proj.weight"},
    {"layers.{i}.latent_attention.query_latent_norm.weight",
     "layers.{i}.self_attn.q_a_layernorm.weight"},
    {"layers.{i}.latent_attention.latent.weight",
     "layers.{i}.self_attn.kv_a_proj_with_mqa.weight", false, Fused::Stacked},
    {"layers.{i}.latent_attention.shared_key.weight",
     "layers.{i}.self_attn.kv_a_proj_with_mqa.weight", false, Fused::Stacked},
    {"layers.{i}.latent_attention.latent_norm.weight",
     "layers.{i}.self_attn.kv_a_layernorm.weight"},
    {"layers.{i}.latent_attention.key.weight",
     "layers.{i}.self_attn.kv_b_proj.weight", false, Fused::PerHead},
    {"layers.{i}.latent_attention.value.weight",
     "layers.{i}.self_attn.kv_b_proj.weight", false, Fused::PerHead},
    {"layers.{i}.latent_attention.output.weight",
     "layers.{i}.self_attn.o_proj.weight"},
    {"layers.{i}.moe.router.correction",
     "layers.{i}.mlp.gate.e_score_correction_bias"},
    {"layers.{i}.moe.shared.gate.weight",
     "layers.{i}.mlp.shared_experts.gate_proj.weight"},
    {"layers.{i}.moe.shared.up.weight",
     "layers.{i}.mlp.shared_experts.up_proj.weight"},
    {"layers.{i}.moe.shared.down.weight",
     "layers.{i}.mlp.shared_experts.down_proj.weight"},
};
constexpr TensorName wideQuery = {"layers.{i}.latent_attention.query.weight",
                                  "layers.{i}.self_attn.q_proj.weight"};
constexpr TensorName narrowQuery = {"layers.{i}.latent_attention.query.weight",
                                    "layers.{i}.self_attn.q_b_proj.weight"};

spec::LatentAttention readAttention(Config &config, int64_t context) {
  spec::LatentAttention attention;
  attention.mask = spec::Mask::Causal;
  attention.heads = config.size("num_attention_heads");
  attention.shared = config.size("qk_rope_head_dim", 64);
  attention.headDim = config.size("qk_nope_head_dim", 128) + attention.shared;
  attention.valueDim = config.size("v_head_dim", 128);
  attention.latent = config.size("kv_lora_rank", 512);
  if (config.has("q_lora_rank"))
    attention.queryLatent = config.size("q_lora_rank");
  attention.rotary = readRotary(config, attention.shared, context);
  attention.rotary->layout = spec::RotaryLayout::Pairs;
  if (!config.flag("rope_interleave", true))
    config.refuse("rope_interleave", "false", "expected true");
  attention.scale =
      readScoreGrowth(config) / std::sqrt(double(attention.headDim));
  if (config.flag("attention_bias", false))
    config.refuse("attention_bias", "true", "expected false");
  return attention;
}

/// What both versions say in the same words.
spec::Moe readExperts(Config &config, const spec::Mlp &mlp) {
  spec::Moe moe;
  moe.experts = config.size("n_routed_experts");
  moe.topK = config.size("num_experts_per_tok");
  moe.normalise = config.flag("norm_topk_prob", false);
  moe.scale = config.positive("routed_scaling_factor", 1.0);
  moe.expert = mlp;
  moe.expert.hidden = config.size("moe_intermediate_size");
  if (int64_t shared = config.count("n_shared_experts", 0))
    moe.shared = shared * moe.expert.hidden;
  return moe;
}

void readGroups(Config &config, spec::Moe &moe, spec::GroupScore score) {
  moe.groups.score = score;
  moe.groups.count = config.size("n_group");
  moe.groups.topK = config.size("topk_group");
}

void readRouter(Config &config, spec::Moe &moe, bool third) {
  std::string scores =
      config.text("scoring_func", third ? "sigmoid" : "softmax");
  std::string method =
      config.text("topk_method", third ? "noaux_tc" : "greedy");
  if (scores != (third ? "sigmoid" : "softmax"))
    config.refuse("scoring_func", "'" + scores + "'",
                  third ? "expected sigmoid" : "expected softmax");
  if (third) {
    if (method != "noaux_tc")
      config.refuse("topk_method", "'" + method + "'", "expected noaux_tc");
    moe.router = spec::Router::Sigmoid;
    moe.correction = true;
    readGroups(config, moe, spec::GroupScore::TwoBest);
  } else if (method == "group_limited_greedy") {
    readGroups(config, moe, spec::GroupScore::Best);
  } else if (method != "greedy") {
    config.refuse("topk_method", "'" + method + "'",
                  "expected greedy or group_limited_greedy");
  }
}

Import importDeepSeek(Config &config, bool third) {
  Import result = beginLikeLlama(config, names, 2048);
  replaceNames(result, expertNames());
  spec::Spec &spec = result.spec;
  spec::Norm norm = rmsNorm(config.positive("rms_norm_eps", 1e-6));
  spec::LatentAttention attention = readAttention(config, spec.context);
  result.names.push_back(attention.queryLatent ? narrowQuery : wideQuery);
  spec::Mlp mlp = readGatedMlp(config);
  spec::Moe moe = readExperts(config, mlp);
  readRouter(config, moe, third);
  int64_t dense = config.count("first_k_dense_replace", third ? 3 : 0);
  int64_t every = config.size("moe_layer_freq", 1);
  spec.layers = layersOf(spec::Embed());
  auto isSparse = [&](int64_t block) {
    return block >= dense && block % every == 0;
  };
  addBlocks(result, readKinds(config, isSparse), [&](bool sparse) {
    spec::Residual last = residualOf(norm, mlp);
    if (sparse)
      last = residualOf(norm, moe);
    return layersOf(residualOf(norm, attention), last);
  });
  spec::Logits logits;
  logits.tied = config.flag("tie_word_embeddings", false);
  for (spec::Layer &layer : layersOf(norm, logits))
    spec.layers.push_back(std::move(layer));
  return result;
}

} // namespace

Import importDeepSeekV2(Config &config) {
  return importDeepSeek(config, /*third=*/false);
}

Import importDeepSeekV3(Config &config) {
  return importDeepSeek(config, /*third=*/true);
}

} // namespace importer
