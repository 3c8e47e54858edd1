// Parameters without a checkpoint: integers from a counter-based generator and
// one multiplication, so that the bits are the same everywhere.
#include "compiler/Spec/Parser.h"
#include "compiler/Weights/Fail.h"
#include "compiler/Weights/TensorSource.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

#include <variant>

using namespace llvm;

namespace weights {
namespace {

uint64_t mix(uint64_t x) { // splitmix64
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

uint64_t keyOf(uint64_t seed, StringRef name) {
  uint64_t key = mix(seed);
  for (unsigned char c : name)
    key = mix(key ^ c);
  return key;
}

/// The sum of four uniform 16-bit numbers has standard deviation 37837.2 and is
/// close to normal within its range of 3.5 standard deviations.
float sample(uint64_t key, uint64_t place, float step) {
  uint64_t bits = mix(key + place * 0xd1342543de82ef95);
  int32_t sum = int32_t(bits & 0xffff) + int32_t(bits >> 16 & 0xffff) +
                int32_t(bits >> 32 & 0xffff) + int32_t(bits >> 48);
  return float(sum - 2 * 0xffff) * step;
}

class SampleReader : public RowReader {
public:
  SampleReader(uint64_t key, int64_t cols, float deviation)
      : key(key), cols(cols), step(deviation / 37837.2f) {}

  void read(int64_t begin, int64_t count, const Block &block) const override {
    for (int64_t r = 0; r < count; ++r)
      for (int64_t c = 0; c < cols; ++c)
        block.data[r * block.rowStride + c * block.colStride] =
            sample(key, uint64_t((begin + r) * cols + c), step);
  }

private:
  uint64_t key;
  int64_t cols;
  float step;
};

class ConstantReader : public RowReader {
public:
  ConstantReader(float value, int64_t cols) : value(value), cols(cols) {}

  void read(int64_t, int64_t count, const Block &block) const override {
    for (int64_t r = 0; r < count; ++r)
      for (int64_t c = 0; c < cols; ++c)
        block.data[r * block.rowStride + c * block.colStride] = value;
  }

private:
  float value;
  int64_t cols;
};

/// Weights, by pattern, of norms and powers: what makes them change nothing.
StringMap<float> normWeights(const spec::Spec &spec) {
  StringMap<float> norms;
  forEachLeaf(spec, [&](const spec::Layer &layer) {
    if (auto *norm = std::get_if<spec::Norm>(&layer.body))
      norms[layer.scope + ".weight"] = float(1.0 - norm->offset);
    if (std::holds_alternative<spec::LatentAttention>(layer.body))
      for (const char *name :
           {".latent_norm.weight", ".query_latent_norm.weight"})
        norms[layer.scope + name] = 1.0f;
    if (std::holds_alternative<spec::LinearAttention>(layer.body))
      for (const char *name : {".head_norm.weight", ".decay.power"})
        norms[layer.scope + name] = 1.0f;
    if (std::holds_alternative<spec::Scale>(layer.body))
      norms[layer.scope + ".weight"] = 1.0f;
    if (std::holds_alternative<spec::Attention>(layer.body) ||
        std::holds_alternative<spec::CrossAttention>(layer.body))
      for (const char *name : {".query_norm.weight", ".key_norm.weight"})
        norms[layer.scope + name] = 1.0f;
  });
  return norms;
}

/// Weights, by pattern, of features that are drawn from the standard normal
/// distribution.
StringSet<> standardWeights(const spec::Spec &spec) {
  StringSet<> names;
  forEachLeaf(spec, [&](const spec::Layer &layer) {
    if (std::holds_alternative<spec::LinearAttention>(layer.body))
      names.insert(layer.scope + ".feature.weight");
  });
  return names;
}

/// Holds no more than the spec does, whatever number its repeats have.
class SeededSource : public TensorSource {
public:
  SeededSource(const spec::Spec &spec, uint64_t seed)
      : parameters(spec::listParameters(spec)), norms(normWeights(spec)),
        standard(standardWeights(spec)), seed(seed) {}

  Expected<std::unique_ptr<RowReader>> get(StringRef name, int64_t rows,
                                           int64_t cols) const override {
    auto parameter = find_if(parameters, [&](const auto &each) {
      return isInstance(name, each.name, each.repeats);
    });
    if (parameter == parameters.end())
      return fail("the model has no parameter '{}'", name.str());
    int64_t count = 1;
    for (int64_t dim : parameter->shape)
      count *= dim;
    if (rows * cols != count)
      return fail("parameter '{}' has shape {}, not {} x {} values", name.str(),
                  showShape(parameter->shape), rows, cols);
    auto norm = norms.find(parameter->name);
    if (norm != norms.end())
      return std::make_unique<ConstantReader>(norm->second, cols);
    float deviation = standard.contains(parameter->name) ? 1.0f : 0.02f;
    return std::make_unique<SampleReader>(keyOf(seed, name), cols, deviation);
  }

private:
  std::vector<spec::Parameter> parameters;
  StringMap<float> norms; ///< what a norm's weight is
  StringSet<> standard;
  uint64_t seed;
};

} // namespace

std::unique_ptr<TensorSource> makeSeededWeights(const spec::Spec &spec,
                                                uint64_t seed) {
  return std::make_unique<SeededSource>(spec, seed);
}

} // namespace weights
