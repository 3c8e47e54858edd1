// CLIP (Radford et al. 2021): a tower for images and one for texts, whose rows
// are compared. Each is a model; a folder with both says which by its config.
#include "compiler/Import/Families.h"

using namespace llvm;

namespace importer {
namespace {

/// In both towers.
constexpr TensorName block[] = {
    {"layers.{i}.norm.weight", "encoder.layers.{i}.layer_norm1.weight"},
    {"layers.{i}.norm.bias", "encoder.layers.{i}.layer_norm1.bias"},
    {"layers.{i}.attention.query.weight",
     "encoder.layers.{i}.self_attn.q_proj.weight"},
    {"layers.{i}.attention.query.bias",
     "encoder.layers.{i}.self_attn.q_proj.bias"},
    {"layers.{i}.attention.key.weight",
     "encoder.layers.{i}.self_attn.k_proj.weight"},
    {"layers.{i}.attention.key.bias",
     "encoder.layers.{i}.self_attn.k_proj.bias"},
    {"layers.{i}.attention.value.weight",
     "encoder.layers.{i}.self_attn.v_proj.weight"},
    {"layers.{i}.attention.value.bias",
     "encoder.layers.{i}.self_attn.v_proj.bias"},
    {"layers.{i}.attention.output.weight",
     "encoder.layers.{i}.self_attn.out_proj.weight"},
    {"layers.{i}.attention.output.bias",
     "encoder.layers.{i}.self_attn.out_proj.bias"},
    {"layers.{i}.norm_2.weight", "encoder.layers.{i}.layer_norm2.weight"},
    {"layers.{i}.norm_2.bias", "encoder.layers.{i}.layer_norm2.bias"},
    {"layers.{i}.mlp.up.weight", "encoder.layers.{i}.mlp.fc1.weight"},
    {"layers.{i}.mlp.up.bias", "encoder.layers.{i}.mlp.fc1.bias"},
    {"layers.{i}.mlp.down.weight", "encoder.layers.{i}.mlp.fc2.weight"},
    {"layers.{i}.mlp.down.bias", "encoder.layers.{i}.mlp.fc2.bias"},
};
constexpr TensorName textNames[] = {
    {"embed.weight", "embeddings.token_embedding.weight"},
    {"position.weight", "embeddings.position_embedding.weight"},
    {"norm.weight", "final_layer_norm.weight"},
    {"norm.bias", "final_layer_norm.bias"},
    {"linear.weight", "/text_projection.weight"},
};
constexpr TensorName imageNames[] = {
    {"patch.weight", "embeddings.patch_embedding.weight"},
    {"prepend.weight", "embeddings.class_embedding", false, Fused::No, 0,
     nullptr, /*flat=*/true},
    {"position.weight", "embeddings.position_embedding.weight"},
    // As their files spell it.
    {"norm.weight", "pre_layrnorm.weight"},
    {"norm.bias", "pre_layrnorm.bias"},
    {"norm_2.weight", "post_layernorm.weight"},
    {"norm_2.bias", "post_layernorm.bias"},
    {"linear.weight", "/visual_projection.weight"},
};

/// What the published configs leave to their code.
struct Defaults {
  int64_t width, hidden, heads;
};

/// The layers of a tower from its norms on, and its last row or first.
class Tower {
public:
  Tower(Config &config, Defaults defaults, ArrayRef<TensorName> own,
        StringRef prefix)
      : config(config), defaults(defaults) {
    refuseQuantised(config);
    projected = readHead(config, {"ModelWithProjection", "Model"}) != "Model";
    result.names.assign(std::begin(block), std::end(block));
    result.names.insert(result.names.end(), own.begin(), own.end());
    result.prefixes = {prefix};
    result.anchor = own.front().theirs;
    result.spec.dim = config.size("hidden_size", defaults.width);
    norm.eps = config.positive("layer_norm_eps", 1e-5);
  }

  void add(spec::LayerBody body) {
    result.spec.layers.push_back(makeLayer(std::move(body)));
  }

  void addBlocks(spec::Mask mask) {
    spec::Attention attention;
    attention.mask = mask;
    attention.heads = config.size("num_attention_heads", defaults.heads);
    attention.headDim = readHeadDim(config, result.spec.dim, attention.heads,
                                    "hidden_size", "num_attention_heads");
    attention.queryBias = attention.keyBias = attention.valueBias =
        attention.outputBias = true;
    spec::Mlp mlp;
    mlp.hidden = config.size("intermediate_size", defaults.hidden);
    mlp.act = readActivation(config, "hidden_act", "quick_gelu");
    mlp.bias = true;
    add(repeatOf(config.size("num_hidden_layers", 12),
                 layersOf(residualOf(norm, attention), residualOf(norm, mlp))));
  }

  void addProjection() {
    if (!projected)
      return;
    spec::Linear linear;
    linear.to = config.size("projection_dim", 512);
    add(linear);
  }

  Import result;
  spec::Norm norm;

private:
  Config &config;
  Defaults defaults;
  bool projected;
};

} // namespace

/// The row of the end token, which is a text's last.
Import importClipText(Config &config) {
  Tower tower(config, {512, 2048, 8}, textNames, "text_model.");
  tower.result.spec.vocab = config.size("vocab_size", 49408);
  tower.result.spec.context = config.size("max_position_embeddings", 77);
  tower.add(spec::Embed());
  tower.add(spec::Position());
  tower.addBlocks(spec::Mask::Causal);
  tower.add(tower.norm);
  tower.add(spec::Pool{spec::PoolKind::Last});
  tower.addProjection();
  return std::move(tower.result);
}

Import importClipVision(Config &config) {
  Tower tower(config, {768, 3072, 12}, imageNames, "vision_model.");
  spec::Patch patch;
  patch.channels = config.size("num_channels", 3);
  patch.height = patch.width = config.size("image_size", 224);
  patch.window.size = config.size("patch_size", 32);
  tower.add(patch);
  tower.add(spec::Prepend());
  tower.add(spec::Position());
  tower.add(tower.norm);
  tower.addBlocks(spec::Mask::None);
  tower.add(spec::Pool());
  tower.add(tower.norm);
  tower.addProjection();
  return std::move(tower.result);
}

} // namespace importer
