// Swin (Liu et al. 2021): patches in stages, whose blocks attend within windows
// of the grid, every second one shifted; between stages four neighbours become
// one row.
#include "compiler/Import/Families.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

using namespace llvm;

namespace importer {
namespace {

constexpr TensorName names[] = {
    {"patch.weight", "embeddings.patch_embeddings.projection.weight"},
    {"patch.bias", "embeddings.patch_embeddings.projection.bias"},
    {"norm.weight", "embeddings.norm.weight"},
    {"norm.bias", "embeddings.norm.bias"},
    {"layers.{i}.norm.weight",
     "encoder.layers.{run}.blocks.{i}.layernorm_before.weight"},
    {"layers.{i}.norm.bias",
     "encoder.layers.{run}.blocks.{i}.layernorm_before.bias"},
    {"layers.{i}.attention.query.weight",
     "encoder.layers.{run}.blocks.{i}.attention.self.query.weight"},
    {"layers.{i}.attention.query.bias",
     "encoder.layers.{run}.blocks.{i}.attention.self.query.bias"},
    {"layers.{i}.attention.key.weight",
     "encoder.layers.{run}.blocks.{i}.attention.self.key.weight"},
    {"layers.{i}.attention.key.bias",
     "encoder.layers.{run}.blocks.{i}.attention.self.key.bias"},
    {"layers.{i}.attention.value.weight",
     "encoder.layers.{run}.blocks.{i}.attention.self.value.weight"},
    {"layers.{i}.attention.value.bias",
     "encoder.layers.{run}.blocks.{i}.attention.self.value.bias"},
    {"layers.{i}.attention.table.weight",
     "encoder.layers.{run}.blocks.{i}.attention.self."
     "relative_position_bias_table"},
    {"layers.{i}.attention.output.weight",
     "encoder.layers.{run}.blocks.{i}.attention.output.dense.weight"},
    {"layers.{i}.attention.output.bias",
     "encoder.layers.{run}.blocks.{i}.attention.output.dense.bias"},
    {"layers.{i}.norm_2.weight",
     "encoder.layers.{run}.blocks.{i}.layernorm_after.weight"},
    {"layers.{i}.norm_2.bias",
     "encoder.layers.{run}.blocks.{i}.layernorm_after.bias"},
    {"layers.{i}.mlp.up.weight",
     "encoder.layers.{run}.blocks.{i}.intermediate.dense.weight"},
    {"layers.{i}.mlp.up.bias",
     "encoder.layers.{run}.blocks.{i}.intermediate.dense.bias"},
    {"layers.{i}.mlp.down.weight",
     "encoder.layers.{run}.blocks.{i}.output.dense.weight"},
    {"layers.{i}.mlp.down.bias",
     "encoder.layers.{run}.blocks.{i}.output.dense.bias"},
    {"norm_2.weight", "encoder.layers.0.downsample.norm.weight"},
    {"norm_2.bias", "encoder.layers.0.downsample.norm.bias"},
    {"linear.weight", "encoder.layers.0.downsample.reduction.weight"},
    {"norm_3.weight", "encoder.layers.1.downsample.norm.weight"},
    {"norm_3.bias", "encoder.layers.1.downsample.norm.bias"},
    {"linear_2.weight", "encoder.layers.1.downsample.reduction.weight"},
    {"norm_4.weight", "encoder.layers.2.downsample.norm.weight"},
    {"norm_4.bias", "encoder.layers.2.downsample.norm.bias"},
    {"linear_3.weight", "encoder.layers.2.downsample.reduction.weight"},
    {"last_norm.weight", "layernorm.weight"},
    {"last_norm.bias", "layernorm.bias"},
    {"classifier.weight", "/classifier.weight"},
    {"classifier.bias", "/classifier.bias"},
};
constexpr size_t mostStages = 4; // that have names above
constexpr double defaultEps = 1e-5;

spec::Layer named(spec::LayerBody body, const char *name) {
  spec::Layer layer = makeLayer(std::move(body));
  layer.scope = name;
  layer.fields["as"] = {};
  return layer;
}

/// Blocks and heads of each stage.
std::vector<int64_t> readSizes(Config &config, StringRef key) {
  std::vector<int64_t> sizes;
  for (double size : config.positives(key)) {
    if (size != std::floor(size) || size > INT32_MAX)
      config.problem(key, "expected a list of positive integers");
    sizes.push_back(std::max<int64_t>(1, int64_t(std::min(size, 1e9))));
  }
  return sizes;
}

/// What HF pads, and what it cannot run.
void checkWindow(Config &config, int64_t window, int64_t side) {
  std::string grid = std::to_string(side) + " x " + std::to_string(side);
  if (side < window)
    config.refuse("window_size",
                  std::to_string(window) + " on a grid of " + grid,
                  "expected a window that is no larger");
  else if (side % window)
    config.refuse("window_size",
                  std::to_string(window) + " on a grid of " + grid,
                  "expected a window that divides it");
}

/// What the blocks of all stages have alike.
struct Block {
  explicit Block(Config &config) {
    norm.eps = config.positive("layer_norm_eps", defaultEps);
    attention.queryBias = attention.keyBias = attention.valueBias =
        config.flag("qkv_bias", true);
    attention.outputBias = true;
    attention.tile = config.size("window_size", 7);
    attention.table = true;
    ratio = config.positive("mlp_ratio", 4.0);
    mlp.act = readActivation(config, "hidden_act", "gelu");
    mlp.bias = true;
  }

  spec::Norm norm;
  spec::Attention attention;
  double ratio;
  spec::Mlp mlp;
};

/// A stage: pairs of blocks, the second one with shifted windows.
spec::Repeat stageOf(Config &config, Block block, int64_t depth, int64_t heads,
                     int64_t width, int64_t side) {
  if (depth % 2)
    config.refuse("depths", std::to_string(depth) + " blocks",
                  "expected an even number");
  if (width % heads)
    config.problem("num_heads", std::to_string(heads) +
                                    " heads do not divide a width of " +
                                    std::to_string(width));
  int64_t window = *block.attention.tile;
  checkWindow(config, window, side);
  block.attention.heads = heads;
  double hidden = block.ratio * double(width);
  if (hidden < 1 || hidden > INT32_MAX)
    config.problem("mlp_ratio",
                   "makes no width of a width of " + std::to_string(width));
  block.mlp.hidden = int64_t(std::clamp(hidden, 1.0, double(INT32_MAX)));
  spec::Attention shifted = block.attention;
  if (side > window && window > 1)
    shifted.shift = window / 2;
  return repeatOf(std::max<int64_t>(1, depth / 2),
                  layersOf(residualOf(block.norm, block.attention),
                           residualOf(block.norm, block.mlp),
                           residualOf(block.norm, shifted),
                           residualOf(block.norm, block.mlp)));
}

} // namespace

Import importSwin(Config &config) {
  refuseQuantised(config);
  expectFlag(config, "use_absolute_embeddings", false);
  StringRef head = readHead(config, {"ForImageClassification", "Model"});
  Import result;
  result.names.assign(std::begin(names), std::end(names));
  result.prefixes = {"swin.", ""};
  result.anchor = "embeddings.norm.weight";
  result.runs.clear();
  spec::Spec &spec = result.spec;
  spec.dim = config.size("embed_dim", 96);
  std::vector<int64_t> depths = readSizes(config, "depths");
  std::vector<int64_t> heads = readSizes(config, "num_heads");
  if (depths.size() > mostStages || depths.size() != heads.size() ||
      depths.empty()) {
    config.refuse("depths",
                  std::to_string(depths.size()) + " stages with " +
                      std::to_string(heads.size()) + " num_heads",
                  "expected 1 to " + std::to_string(mostStages) +
                      " and as many");
    depths = heads = {2};
  }
  spec::Patch patch;
  patch.channels = config.size("num_channels", 3);
  patch.height = patch.width = config.size("image_size", 224);
  patch.window.size = config.size("patch_size", 4);
  patch.bias = true;
  int64_t width = spec.dim, side = patch.height / patch.window.size;
  Block block(config);
  auto add = [&](spec::LayerBody body) {
    spec.layers.push_back(makeLayer(std::move(body)));
  };
  spec::Norm norm; // unlike the blocks', of an eps that no field changes
  norm.eps = defaultEps;
  add(patch);
  add(norm);
  for (auto [stage, depth] : enumerate(depths)) {
    if (stage) {
      width *= 2;
      side /= 2;
      add(spec::Merge());
      add(norm);
      spec::Linear reduction;
      reduction.to = width;
      add(reduction);
    }
    add(stageOf(config, block, depth, heads[stage], width, side));
    result.runs.push_back({0, 2, std::max<int64_t>(1, depth / 2)});
  }
  spec.layers.push_back(named(block.norm, "last_norm"));
  spec::Pool pool;
  pool.kind = spec::PoolKind::Mean;
  add(pool);
  if (head != "ForImageClassification")
    return result;
  spec::Linear classifier;
  classifier.bias = true;
  classifier.to = readLabels(config);
  spec.layers.push_back(named(classifier, "classifier"));
  return result;
}

} // namespace importer
