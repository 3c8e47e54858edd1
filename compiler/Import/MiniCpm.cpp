// MiniCPM (Hu et al. 2024): LLaMA with numbers that multiply the embedding,
// what each residual adds, and the logits.
#include "compiler/Import/Families.h"

#include <cmath>

namespace importer {

Import importMiniCpm(Config &config) {
  int64_t depth = config.size("num_hidden_layers");
  Import result = importLlama(config);
  spec::Spec &spec = result.spec;
  spec::Scale scale;
  scale.by = config.positive("scale_depth", 1.0) / std::sqrt(double(depth));
  double embed = config.positive("scale_emb", 1.0);
  double logits =
      double(config.size("dim_model_base", spec.dim)) / double(spec.dim);
  for (spec::Layer &layer : spec.layers) {
    if (auto *first = std::get_if<spec::Embed>(&layer.body))
      first->scale = embed;
    if (auto *last = std::get_if<spec::Logits>(&layer.body))
      last->scale = logits;
    if (auto *repeat = std::get_if<spec::Repeat>(&layer.body))
      for (spec::Layer &inner : repeat->layers)
        std::get<spec::Residual>(inner.body).layers.push_back(makeLayer(scale));
  }
  return result;
}

} // namespace importer
