// How a GGUF file says that rotary positions are stretched: a kind and its
// numbers, or what they make of each pair of a head.
#include "compiler/Import/GgufArchitectures.h"
#include "compiler/Weights/Fail.h"

#include <cmath>
#include <cstring>

using namespace llvm;
using weights::fail;

namespace importer {
namespace {

Expected<std::vector<float>> valuesOf(const GgufModel &model, StringRef name) {
  const weights::Tensor *tensor = model.tensor(name);
  if (!tensor)
    return fail("{}: no tensor '{}'", model.path().str(), name.str());
  if (tensor->dtype != weights::DType::F32)
    return fail("{}: tensor '{}' has type {}, expected F32", model.path().str(),
                name.str(), tensor->dtypeName.str());
  std::vector<float> values(size_t(tensor->bytes) / 4);
  std::memcpy(values.data(), tensor->data, values.size() * 4);
  return values;
}

/// LLaMA 3's scaling comes as the factors that it makes of its four settings,
/// of which only the first has ever changed.
Error addFrequencyFactors(const GgufModel &model, json::Object &config) {
  double theta = 10000.0, most = 1.0, original = 8192.0;
  if (const json::Value *value = config.get("rope_theta"))
    theta = value->getAsNumber().value_or(theta);
  Expected<std::vector<float>> values = valuesOf(model, "rope_freqs.weight");
  if (!values)
    return values.takeError();
  for (float value : *values)
    most = std::max(most, double(value));
  for (size_t i = 0; i < values->size(); ++i) {
    double frequency = std::pow(theta, -double(i) / double(values->size()));
    double turns = original * frequency / (2 * M_PI);
    double keep = std::clamp((turns - 1.0) / (4.0 - 1.0), 0.0, 1.0);
    double factor = 1.0 / (keep + (1.0 - keep) / most);
    if (!(std::abs((*values)[i] - factor) <= 1e-4 * factor))
      return fail("{}: tensor 'rope_freqs.weight': value {} is {}, LLaMA 3's "
                  "scaling by {} has {}",
                  model.path().str(), i, (*values)[i], most, factor);
  }
  config["rope_scaling"] =
      json::Object{{"rope_type", "llama3"},
                   {"factor", most},
                   {"low_freq_factor", 1.0},
                   {"high_freq_factor", 4.0},
                   {"original_max_position_embeddings", int64_t(original)}};
  return Error::success();
}

/// Longrope's factors, for texts within the original context and beyond.
Error addLongRope(const GgufModel &model, json::Object &config) {
  json::Object scaling{{"type", "longrope"}};
  for (auto [tensor, field] :
       {std::pair("rope_factors_short.weight", "short_factor"),
        std::pair("rope_factors_long.weight", "long_factor")}) {
    Expected<std::vector<float>> values = valuesOf(model, tensor);
    if (!values)
      return values.takeError();
    json::Array numbers;
    for (float value : *values)
      numbers.push_back(shortest(value));
    scaling[field] = std::move(numbers);
  }
  constexpr Key keys[] = {
      {"rope.scaling.original_context_length",
       "original_max_position_embeddings"},
      {"rope.scaling.attn_factor", "attention_factor"},
  };
  if (Error error = model.copy(keys, scaling))
    return error;
  config["rope_scaling"] = std::move(scaling);
  return Error::success();
}

/// DeepSeek's scores grow, its rows don't; others' rows do, and may by a factor
/// more.
void addYarnMagnitude(const GgufModel &model, json::Object &scaling) {
  if (std::optional<double> by =
          model.number("rope.scaling.yarn_log_multiplier");
      by.value_or(0) > 0) {
    double mscale = shortest(float(*by * 10));
    scaling["mscale"] = scaling["mscale_all_dim"] = mscale;
    return;
  }
  std::optional<double> more = model.number("rope.scaling.attn_factor");
  std::optional<double> factor = model.number("rope.scaling.factor");
  if (more && factor && *factor > 1)
    scaling["attention_factor"] = *more * (0.1 * std::log(*factor) + 1);
}

} // namespace

Error addScaling(const GgufModel &model, json::Object &config) {
  if (model.has("rope_freqs.weight"))
    return addFrequencyFactors(model, config);
  if (model.has("rope_factors_long.weight") ||
      model.has("rope_factors_short.weight"))
    return addLongRope(model, config);
  const weights::GgufValue *kind = model.find("rope.scaling.type");
  StringRef type = kind ? kind->string().value_or("") : "none";
  if (type == "none")
    return Error::success();
  if (type != "linear" && type != "yarn")
    return model.refuse("rope.scaling.type",
                        "'" + type +
                            "' is not supported, expected none, linear, yarn, "
                            "or longrope with its factors");
  json::Object scaling{{"type", type}};
  constexpr Key keys[] = {
      {"rope.scaling.factor", "factor"},
      {"rope.scaling.original_context_length",
       "original_max_position_embeddings"},
      {"rope.scaling.yarn_beta_fast", "beta_fast"},
      {"rope.scaling.yarn_beta_slow", "beta_slow"},
  };
  if (Error error = model.copy(keys, scaling))
    return error;
  if (type == "yarn")
    addYarnMagnitude(model, scaling);
  config["rope_scaling"] = std::move(scaling);
  return Error::success();
}

} // namespace importer
