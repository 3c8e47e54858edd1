// Families whose blocks are those of another, with experts for its MLP: Mixtral
// (Jiang et al. 2024) of Mistral, Qwen's mixtures of its own models.
#include "compiler/Import/Families.h"

using namespace llvm;

namespace importer {
namespace {

constexpr TensorName mixtralNames[] = {
    {"layers.{i}.moe.router.weight", "layers.{i}.block_sparse_moe.gate.weight"},
    {"layers.{i}.moe.experts.{j}.gate.weight",
     "layers.{i}.block_sparse_moe.experts.{j}.w1.weight"},
    {"layers.{i}.moe.experts.{j}.up.weight",
     "layers.{i}.block_sparse_moe.experts.{j}.w3.weight"},
    {"layers.{i}.moe.experts.{j}.down.weight",
     "layers.{i}.block_sparse_moe.experts.{j}.w2.weight"},
};

/// Qwen's, and DeepSeek's.
constexpr TensorName names[] = {
    {"layers.{i}.moe.router.weight", "layers.{i}.mlp.gate.weight"},
    {"layers.{i}.moe.experts.{j}.gate.weight",
     "layers.{i}.mlp.experts.{j}.gate_proj.weight"},
    {"layers.{i}.moe.experts.{j}.up.weight",
     "layers.{i}.mlp.experts.{j}.up_proj.weight"},
    {"layers.{i}.moe.experts.{j}.down.weight",
     "layers.{i}.mlp.experts.{j}.down_proj.weight"},
};

constexpr TensorName sharedNames[] = {
    {"layers.{i}.moe.shared.gate.weight",
     "layers.{i}.mlp.shared_expert.gate_proj.weight"},
    {"layers.{i}.moe.shared.up.weight",
     "layers.{i}.mlp.shared_expert.up_proj.weight"},
    {"layers.{i}.moe.shared.down.weight",
     "layers.{i}.mlp.shared_expert.down_proj.weight"},
    {"layers.{i}.moe.shared_gate.weight",
     "layers.{i}.mlp.shared_expert_gate.weight"},
};

/// The mixture in the place of the MLP, which says what an expert is.
void mix(Config &config, Import &import, spec::Layers &layers, spec::Moe moe,
         ArrayRef<TensorName> own = {}) {
  if (moe.topK > moe.experts)
    config.problem("num_experts_per_tok", std::to_string(moe.topK) + " of " +
                                              std::to_string(moe.experts) +
                                              " experts");
  editLeaves(layers, [&](spec::Layer &layer) {
    auto *mlp = std::get_if<spec::Mlp>(&layer.body);
    if (!mlp)
      return;
    int64_t hidden = moe.expert.hidden;
    moe.expert = *mlp;
    if (hidden)
      moe.expert.hidden = hidden;
    layer.body = moe;
  });
  replaceNames(import, names);
  replaceNames(import, own);
}

/// The same, in blocks of which Qwen's configs say that some keep the MLP.
void mixQwen(Config &config, Import &import, spec::Moe moe,
             ArrayRef<TensorName> own = {}) {
  int64_t every = config.size("decoder_sparse_step", 1);
  std::vector<int64_t> dense = config.counts("mlp_only_layers");
  spec::Layers &layers = import.spec.layers;
  if (every == 1 && dense.empty())
    return mix(config, import, layers, moe, own);
  auto blocks = llvm::find_if(layers, [](const spec::Layer &layer) {
    return std::holds_alternative<spec::Repeat>(layer.body);
  });
  spec::Layers block = std::get<spec::Repeat>(blocks->body).layers;
  spec::Layers behind(blocks + 1, layers.end());
  layers.erase(blocks, layers.end());
  spec::Layers sparse = block;
  mix(config, import, sparse, moe, own);
  auto isSparse = [&](int64_t i) {
    return (i + 1) % every == 0 && !is_contained(dense, i);
  };
  addBlocks(import, readKinds(config, isSparse),
            [&](bool hasExperts) { return hasExperts ? sparse : block; });
  layers.insert(layers.end(), behind.begin(), behind.end());
}

/// What both of Qwen's mixtures say in the same words.
spec::Moe readQwen(Config &config, int64_t experts, int64_t topK,
                   int64_t hidden) {
  spec::Moe moe;
  moe.experts = config.size("num_experts", experts);
  moe.topK = config.size("num_experts_per_tok", topK);
  moe.normalise = config.flag("norm_topk_prob", false);
  moe.expert.hidden = config.size("moe_intermediate_size", hidden);
  return moe;
}

} // namespace

ArrayRef<TensorName> expertNames() { return names; }

std::vector<bool> readKinds(Config &config,
                            function_ref<bool(int64_t)> isSparse) {
  constexpr int64_t most = 4096;
  int64_t count = config.size("num_hidden_layers");
  if (count > most)
    config.problem("num_hidden_layers",
                   "expected at most " + std::to_string(most));
  std::vector<bool> kinds;
  for (int64_t i = 0; i < std::min(count, most); ++i)
    kinds.push_back(isSparse(i));
  return kinds;
}

/// Windows only where the config says so.
Import importMixtral(Config &config) {
  Import result = config.has("sliding_window") ? importMistral(config)
                                               : importLlama(config);
  spec::Moe moe;
  moe.experts = config.size("num_local_experts", 8);
  moe.topK = config.size("num_experts_per_tok", 2);
  moe.normalise = true;
  mix(config, result, result.spec.layers, moe, mixtralNames);
  return result;
}

Import importQwen2Moe(Config &config) {
  expectFlag(config, "qkv_bias", true);
  Import result = importQwen2(config);
  spec::Moe moe = readQwen(config, 60, 4, 1408);
  moe.shared = config.size("shared_expert_intermediate_size", 5632);
  moe.sharedGate = true;
  mixQwen(config, result, moe, sharedNames);
  return result;
}

Import importQwen3Moe(Config &config) {
  Import result = importQwen3(config);
  mixQwen(config, result, readQwen(config, 128, 8, 768));
  return result;
}

} // namespace importer
