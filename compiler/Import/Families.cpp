// What the families share.
#include "compiler/Import/Families.h"

#include "llvm/ADT/STLExtras.h"

#include <fmt/format.h>

using namespace llvm;

namespace importer {

ArrayRef<Family> families() {
  static const Family table[] = {{"gpt2", importGpt2},
                                 {"llama", importLlama},
                                 {"mistral", importMistral},
                                 {"qwen2", importQwen2},
                                 {"qwen3", importQwen3}};
  return table;
}

spec::Activation readActivation(Config &config, StringRef key,
                                StringRef otherwise) {
  struct Entry {
    StringRef name;
    spec::Activation act;
  };
  static const Entry table[] = {
      {"gelu", spec::Activation::Gelu},
      {"gelu_new", spec::Activation::GeluTanh},
      {"gelu_pytorch_tanh", spec::Activation::GeluTanh},
      {"gelu_fast", spec::Activation::GeluTanh},
      {"relu", spec::Activation::Relu},
      {"relu2", spec::Activation::Relu2},
      {"silu", spec::Activation::Silu},
      {"swish", spec::Activation::Silu},
      {"tanh", spec::Activation::Tanh}};
  std::string name = config.text(key, otherwise);
  for (const Entry &entry : table)
    if (entry.name == name)
      return entry.act;
  std::string known;
  for (const Entry &entry : table)
    known += (known.empty() ? "" : ", ") + entry.name.str();
  config.refuse(key, "'" + name + "'", "expected one of " + known);
  return spec::Activation::Identity;
}

void refuseCommon(Config &config) {
  if (config.has("quantization_config"))
    config.refuse("quantization_config", "a quantised checkpoint",
                  "expected F32, F16 or BF16 weights");
  std::vector<std::string> names = config.texts("architectures");
  bool speaks =
      names.empty() || any_of(names, [](StringRef name) {
        return name.ends_with("ForCausalLM") || name.ends_with("LMHeadModel");
      });
  if (!speaks)
    config.refuse("architectures", "'" + names.front() + "'",
                  "expected a language model (ForCausalLM, LMHeadModel)");
}

spec::Layer makeLayer(spec::LayerBody body) {
  spec::Layer layer;
  layer.body = std::move(body);
  return layer;
}

spec::Layer makeResidual(spec::LayerBody first, spec::LayerBody second) {
  spec::Residual residual;
  residual.layers.push_back(makeLayer(std::move(first)));
  residual.layers.push_back(makeLayer(std::move(second)));
  return makeLayer(std::move(residual));
}

} // namespace importer
