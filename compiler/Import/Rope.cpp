// Rotary positions of published configs. Newer ones hold all of it in
// `rope_parameters`, older ones a part in `rope_scaling`, whose kind is under
// `rope_type` or `type`.
#include "compiler/Import/Families.h"

#include <cmath>

using namespace llvm;

namespace importer {
namespace {

/// DeepSeek's magnitudes: the ratio of two of yarn's.
double yarnMagnitude(double factor, double mscale) {
  return factor <= 1.0 ? 1.0 : 0.1 * mscale * std::log(factor) + 1.0;
}

void readYarn(Config &config, spec::RotaryScaling &scaling, int64_t context) {
  scaling.originalContext =
      config.size("original_max_position_embeddings", context);
  if (!config.has("factor") && config.has("original_max_position_embeddings"))
    scaling.factor = double(context) / double(scaling.originalContext);
  else
    scaling.factor = config.positive("factor");
  scaling.betaFast = config.positive("beta_fast", 32.0);
  scaling.betaSlow = config.positive("beta_slow", 1.0);
  scaling.attentionFactor = config.positive("attention_factor", 0.0);
  if (scaling.attentionFactor == 0.0 && config.has("mscale") &&
      config.has("mscale_all_dim"))
    scaling.attentionFactor =
        yarnMagnitude(scaling.factor, config.positive("mscale")) /
        yarnMagnitude(scaling.factor, config.positive("mscale_all_dim"));
  scaling.truncate = config.flag("truncate", true);
}

StringRef kindKey(const Config &scaling) {
  return scaling.has("rope_type") ? "rope_type" : "type";
}

void readLlama3(Config &config, spec::RotaryScaling &scaling) {
  scaling.factor = config.positive("factor");
  scaling.lowFreqFactor = config.positive("low_freq_factor");
  scaling.highFreqFactor = config.positive("high_freq_factor");
  scaling.originalContext = config.size("original_max_position_embeddings");
  if (scaling.lowFreqFactor >= scaling.highFreqFactor)
    config.problem("low_freq_factor", "expected less than high_freq_factor");
}

/// Phi-3 has the original context beside the scaling, not in it.
void readLongRope(Config &config, Config &model, spec::RotaryScaling &scaling,
                  int64_t context, int64_t pairs) {
  Config &holder =
      config.has("original_max_position_embeddings") ? config : model;
  scaling.originalContext = holder.size("original_max_position_embeddings");
  scaling.factor = config.positive(
      "factor", double(context) / double(scaling.originalContext));
  scaling.attentionFactor = config.positive("attention_factor", 0.0);
  scaling.shorter = config.positives("short_factor");
  scaling.longer = config.positives("long_factor");
  for (StringRef key : {"short_factor", "long_factor"}) {
    size_t count =
        (key == "short_factor" ? scaling.shorter : scaling.longer).size();
    if (int64_t(count) != pairs)
      config.problem(key, std::to_string(count) + " numbers for " +
                              std::to_string(pairs) + " pairs of a head");
  }
}

void readScaling(Config &config, Config &model, spec::RotaryScaling &scaling,
                 int64_t context, int64_t pairs) {
  StringRef key = kindKey(config);
  std::string kind = config.text(key, "default");
  // What is dynamic begins beyond the context, which is the end of ours.
  if (kind == "default" || kind == "dynamic")
    return;
  if (kind == "linear") {
    scaling.kind = spec::RotaryScalingKind::Linear;
    scaling.factor = config.positive("factor");
  } else if (kind == "llama3") {
    scaling.kind = spec::RotaryScalingKind::Llama3;
    readLlama3(config, scaling);
  } else if (kind == "yarn") {
    scaling.kind = spec::RotaryScalingKind::Yarn;
    readYarn(config, scaling, context);
  } else if (kind == "longrope" || kind == "su") {
    scaling.kind = spec::RotaryScalingKind::LongRope;
    readLongRope(config, model, scaling, context, pairs);
  } else {
    config.refuse(
        key, "'" + kind + "'",
        "expected default, dynamic, linear, llama3, longrope or yarn");
  }
}

} // namespace

double readScoreGrowth(Config &config) {
  std::optional<Config> scaling = config.inner("rope_parameters");
  if (!scaling)
    scaling = config.inner("rope_scaling");
  if (!scaling || !scaling->has("mscale_all_dim") ||
      scaling->text(kindKey(*scaling), "default") != "yarn")
    return 1.0;
  double each = yarnMagnitude(scaling->positive("factor"),
                              scaling->positive("mscale_all_dim"));
  return each * each;
}

spec::Rotary readRotary(Config &config, int64_t headDim, int64_t context,
                        double share) {
  spec::Rotary rotary;
  std::optional<Config> parameters = config.inner("rope_parameters");
  if (parameters && (parameters->has("full_attention") ||
                     parameters->has("sliding_attention"))) {
    config.refuse("rope_parameters", "another rotation for each kind of layer",
                  "expected one for all");
    return rotary;
  }
  Config &holder = parameters ? *parameters : config;
  rotary.theta =
      holder.has("rope_theta")
          ? holder.positive("rope_theta")
          : config.positive(config.has("rotary_emb_base") ? "rotary_emb_base"
                                                          : "rope_theta",
                            10000.0);
  StringRef shareKey =
      config.has("rotary_pct") ? "rotary_pct" : "partial_rotary_factor";
  share = holder.has("partial_rotary_factor")
              ? holder.positive("partial_rotary_factor")
              : config.positive(shareKey, share);
  rotary.dim = int64_t(double(headDim) * std::min(share, 1.0));
  if (rotary.dim < 2 || rotary.dim % 2 != 0)
    config.problem(parameters ? "rope_parameters" : "head_dim",
                   "a rotated part of " + std::to_string(rotary.dim) +
                       " is not even");
  std::optional<Config> scaling =
      parameters ? parameters : config.inner("rope_scaling");
  if (scaling)
    readScaling(*scaling, config, rotary.scaling, context, rotary.dim / 2);
  return rotary;
}

} // namespace importer
