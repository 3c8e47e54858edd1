// Every parameter of a checked spec, in the order of the structure.
#include "compiler/Spec/Leaf.h"
#include "compiler/Spec/Parser.h"

#include "llvm/ADT/StringExtras.h"

using namespace llvm;

namespace spec {

std::string sharedScope(StringRef scope) {
  std::string text;
  for (StringRef part : split(scope, '.'))
    if (!part.starts_with("{"))
      text += (text.empty() ? "" : ".") + part.str();
  return text;
}

/// The letter of copies inside a leaf is that behind those of its repetitions.
static Parameter parameterOf(const LeafWeight &weight, const Layer &layer,
                             std::vector<int64_t> repeats) {
  std::string name = weight.name, scope = layer.scope;
  if (weight.shared) {
    scope = sharedScope(scope);
    repeats.clear();
  }
  if (weight.copies) {
    name.insert(name.find("{}") + 1, 1, char('i' + repeats.size()));
    repeats.push_back(weight.copies);
  }
  auto values = layer.values.find(weight.name);
  return {scope + "." + name, weight.shape, std::move(repeats), layer.place,
          values == layer.values.end() ? nullptr : values->second};
}

static void list(const Spec &spec, const Layers &layers,
                 std::vector<int64_t> &repeats, std::vector<Parameter> &to) {
  for (const Layer &layer : layers) {
    if (const Leaf *leaf = leafOf(layer.body)) {
      for (const LeafWeight &weight : leaf->weights(layer, spec))
        to.push_back(parameterOf(weight, layer, repeats));
    } else if (auto *residual = std::get_if<Residual>(&layer.body)) {
      list(spec, residual->layers, repeats, to);
    } else if (auto *parallel = std::get_if<Parallel>(&layer.body)) {
      list(spec, parallel->branches, repeats, to);
    } else if (auto *outputs = std::get_if<Outputs>(&layer.body)) {
      list(spec, outputs->branches, repeats, to);
    } else if (auto *exit = std::get_if<Exit>(&layer.body)) {
      list(spec, exit->layers, repeats, to);
    } else if (auto *sequence = std::get_if<Sequence>(&layer.body)) {
      list(spec, sequence->layers, repeats, to);
    } else if (auto *repeat = std::get_if<Repeat>(&layer.body)) {
      if (!repeat->share)
        repeats.insert(repeats.begin(), repeat->count);
      list(spec, repeat->layers, repeats, to);
      if (!repeat->share)
        repeats.erase(repeats.begin());
    }
  }
}

std::vector<Parameter> listParameters(const Spec &spec) {
  std::vector<Parameter> parameters;
  std::vector<int64_t> repeats;
  list(spec, spec.encoder, repeats, parameters);
  list(spec, spec.layers, repeats, parameters);
  return parameters;
}

Dtype dtypeOf(const Layer &layer, const Spec &spec) {
  return std::visit(
      [&](const auto &body) {
        if constexpr (std::is_same_v<std::decay_t<decltype(body)>, Conv>) {
          int64_t seen = leafOf(layer.body)->weights(layer, spec)[0].shape[1];
          return body.isDepthwise(layer.dimIn)
                     ? Dtype::F32
                     : body.storedAs(body.dtype.value_or(spec.dtype), seen);
        } else if constexpr (requires { body.dtype; })
          return body.dtype.value_or(spec.dtype);
        return Dtype::F32;
      },
      layer.body);
}

int64_t contextOf(const Layer &layer, const Spec &spec) {
  const std::vector<int64_t> &stages =
      layer.encodes ? spec.source.stages : spec.stages;
  if (layer.stage < stages.size())
    return stages[layer.stage];
  return layer.encodes ? spec.source.context : spec.context;
}

int64_t vocabOf(const Layer &layer, const Spec &spec) {
  return layer.encodes ? spec.source.vocab : spec.vocab;
}

int64_t countParameters(const Spec &spec) {
  int64_t total = 0;
  for (const Parameter &parameter : listParameters(spec)) {
    int64_t count = 1;
    for (int64_t size : parameter.shape)
      count *= size;
    for (int64_t size : parameter.repeats)
      count *= size;
    total += count;
  }
  return total;
}

} // namespace spec
