// Which layers of a GGUF file's model keep the format of its tensors.
#include "compiler/Import/GgufArchitectures.h"
#include "compiler/Spec/Parser.h"
#include "compiler/Weights/TensorSource.h"

using namespace llvm;

namespace importer {
namespace {

class Formats {
public:
  Formats(const GgufModel &model, spec::Spec &spec)
      : model(model), spec(spec), parameters(spec::listParameters(spec)) {}

  void choose() {
    std::map<spec::Dtype, int> votes;
    visit([&](const std::string &scope, std::optional<spec::Dtype> &) {
      ++votes[formats[scope] = formatOf(tableOf(scope))];
    });
    for (auto [format, count] : votes)
      if (count > votes[spec.dtype])
        spec.dtype = format;
    if (spec.dtype == spec::Dtype::F32)
      return;
    visit([&](const std::string &scope, std::optional<spec::Dtype> &dtype) {
      if (formats[scope] != spec.dtype)
        dtype = formats[scope];
    });
  }

private:
  using Body = function_ref<void(const std::string &scope,
                                 std::optional<spec::Dtype> &dtype)>;
  void visit(Body body) {
    for (spec::Layers *stack : {&spec.encoder, &spec.layers})
      editLeaves(*stack, [&](spec::Layer &layer) {
        std::visit(
            [&](auto &leaf) {
              if constexpr (requires { leaf.dtype; })
                body(layer.scope, leaf.dtype);
            },
            layer.body);
      });
  }

  /// Tied logits read the embedding's table.
  std::string tableOf(const std::string &scope) const {
    StringRef stack = scope;
    return stack.consume_back("logits") && !model.has("output.weight")
               ? (stack + "embed").str()
               : scope;
  }

  /// The format that keeps the values of all matrices of the layer `scope` as
  /// the file has them, if they are all of one type that is one of our formats.
  spec::Dtype formatOf(const std::string &scope) const {
    StringRef type;
    for (const spec::Parameter &parameter : parameters) {
      auto source = spec.weights->names.find(parameter.name);
      if (!StringRef(parameter.name).starts_with(scope + ".") ||
          parameter.shape.size() != 2 || weights::isAlwaysF32(parameter.name) ||
          source == spec.weights->names.end())
        continue;
      bool mixed = false;
      weights::forEachIndex(parameter.repeats, [&](ArrayRef<int64_t> index) {
        const weights::Tensor *tensor =
            model.tensor(weights::substitute(source->second.tensor, index));
        if (!tensor)
          return;
        mixed |= !type.empty() && type != tensor->dtypeName;
        type = tensor->dtypeName;
      });
      if (mixed)
        return spec::Dtype::F32;
    }
    return weights::ggufFormat(type).value_or(spec::Dtype::F32);
  }

  const GgufModel &model;
  spec::Spec &spec;
  std::vector<spec::Parameter> parameters;
  std::map<std::string, spec::Dtype> formats;
};

} // namespace

void chooseFormats(const GgufModel &model, spec::Spec &spec) {
  Formats(model, spec).choose();
}

} // namespace importer
