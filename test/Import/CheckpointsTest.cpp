// Real checkpoints: every parameter is found, with the values of the tensor
// that it is in the original.
#include "test/Folder.h"

#include "compiler/Import/Importer.h"
#include "compiler/Spec/Parser.h"
#include "compiler/Weights/TensorSource.h"

#include <gtest/gtest.h>

using weights::TensorFile;

namespace {

spec::Spec import(const std::string &path) {
  llvm::Expected<spec::Spec> spec = importer::importModel(path);
  if (spec)
    return std::move(*spec);
  ADD_FAILURE() << toString(spec.takeError());
  return {};
}

/// Opens the weights of a spec; every warning is a failure.
std::unique_ptr<weights::TensorSource> open(const spec::Spec &spec) {
  auto source = weights::openSpecWeights(
      spec, [](const std::string &message) { ADD_FAILURE() << message; });
  if (source)
    return std::move(*source);
  ADD_FAILURE() << toString(source.takeError());
  return nullptr;
}

std::vector<float> values(const weights::TensorSource &source,
                          const std::string &name, int64_t rows, int64_t cols) {
  auto result = source.getAll(name, rows, cols);
  if (result)
    return std::move(*result);
  ADD_FAILURE() << toString(result.takeError());
  return std::vector<float>(rows * cols);
}

std::vector<float> raw(const TensorFile &file, const std::string &name) {
  const weights::Tensor *tensor = file.find(name);
  if (!tensor) {
    ADD_FAILURE() << name;
    return {};
  }
  std::vector<float> result(tensor->bytes / 4);
  memcpy(result.data(), tensor->data, tensor->bytes);
  return result;
}

class Checkpoints : public testing::TestWithParam<const char *> {};

TEST_P(Checkpoints, HaveEveryParameterAndNoMore) {
  std::string path = sharedModels(GetParam());
  if (!std::filesystem::exists(path))
    GTEST_SKIP() << path;
  spec::Spec spec = import(path);
  ASSERT_TRUE(spec.weights);
  EXPECT_TRUE(open(spec));

  // Once more from its text, which is how users keep it.
  std::string text = spec::printSpec(spec);
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(
      llvm::MemoryBuffer::getMemBuffer(text, "elsewhere/model.yaml"), {});
  std::optional<spec::Spec> again = spec::parseSpec(sources);
  ASSERT_TRUE(again) << text;
  EXPECT_EQ(spec::printSpec(*again), text);
  EXPECT_TRUE(open(*again));
}

INSTANTIATE_TEST_SUITE_P(Shared, Checkpoints,
                         testing::Values("hf/stories260K", "hf/gpt-nano-sort",
                                         "tiny-random-gpt2",
                                         "llama2c/stories260K.bin"));

TEST(Checkpoints, Gpt2SplitsAndTransposes) {
  std::string path = sharedModels("tiny-random-gpt2");
  if (!std::filesystem::exists(path))
    GTEST_SKIP() << path;
  auto source = open(import(path));
  ASSERT_TRUE(source);
  auto file = weights::openTensorFile(path + "/model.safetensors");
  ASSERT_TRUE(bool(file)) << toString(file.takeError());
  const int64_t dim = 32;
  const char *maps[] = {"query", "key", "value"};
  for (int layer = 0; layer < 5; ++layer) {
    std::string theirs = "transformer.h." + std::to_string(layer);
    std::string ours = "layers." + std::to_string(layer);
    std::vector<float> fused = raw(*file, theirs + ".attn.c_attn.weight");
    std::vector<float> biases = raw(*file, theirs + ".attn.c_attn.bias");
    for (int64_t map = 0; map < 3; ++map) {
      std::string name = ours + ".attention." + maps[map];
      std::vector<float> weight = values(*source, name + ".weight", dim, dim);
      std::vector<float> bias = values(*source, name + ".bias", dim, 1);
      for (int64_t out = 0; out < dim; ++out) {
        ASSERT_EQ(bias[out], biases[map * dim + out]);
        for (int64_t in = 0; in < dim; ++in)
          ASSERT_EQ(weight[out * dim + in],
                    fused[in * 3 * dim + map * dim + out]);
      }
    }
    std::vector<float> up = values(*source, ours + ".mlp.up.weight", 128, dim);
    std::vector<float> fc = raw(*file, theirs + ".mlp.c_fc.weight");
    for (int64_t out = 0; out < 128; ++out)
      for (int64_t in = 0; in < dim; ++in)
        ASSERT_EQ(up[out * dim + in], fc[in * 128 + out]);
  }
}

// The two checkpoints are one model; Hugging Face's has the rows of each head
// of wq and wk in halves instead of pairs.
TEST(Checkpoints, Llama2cAgreesWithHuggingFace) {
  std::string theirs = sharedModels("hf/stories260K");
  std::string karpathy = sharedModels("llama2c/stories260K.bin");
  if (!std::filesystem::exists(theirs) || !std::filesystem::exists(karpathy))
    GTEST_SKIP();
  spec::Spec pairs = import(karpathy), halves = import(theirs);
  auto a = open(pairs), b = open(halves);
  ASSERT_TRUE(a && b);
  std::vector<spec::Parameter> parameters = spec::listParameters(pairs);
  EXPECT_EQ(parameters.size(), spec::listParameters(halves).size());
  for (const spec::Parameter &parameter : parameters) {
    int64_t rows = parameter.shape[0];
    int64_t cols = parameter.shape.size() > 1 ? parameter.shape[1] : 1;
    bool rotated = parameter.name.find("query") != std::string::npos ||
                   parameter.name.find("key") != std::string::npos;
    weights::forEachIndex(
        parameter.repeats, [&](llvm::ArrayRef<int64_t> index) {
          std::string name = weights::substitute(parameter.name, index);
          std::vector<float> x = values(*a, name, rows, cols);
          std::vector<float> y = values(*b, name, rows, cols);
          for (int64_t r = 0; r < rows; ++r) {
            int64_t d = r % 8; // head size 8
            int64_t other = rotated ? r - d + d / 2 + d % 2 * 4 : r;
            for (int64_t c = 0; c < cols; ++c)
              ASSERT_EQ(x[r * cols + c], y[other * cols + c]) << name;
          }
        });
  }
}

TEST(Checkpoints, AShorterContextUsesTheFirstPositions) {
  std::string path = sharedModels("tiny-random-gpt2");
  if (!std::filesystem::exists(path))
    GTEST_SKIP() << path;
  spec::Spec spec = import(path);
  spec.context = 100;
  auto source = open(spec);
  ASSERT_TRUE(source);
  auto file = weights::openTensorFile(path + "/model.safetensors");
  ASSERT_TRUE(bool(file)) << toString(file.takeError());
  std::vector<float> all = raw(*file, "transformer.wpe.weight");
  all.resize(100 * 32);
  EXPECT_EQ(values(*source, "position.weight", 100, 32), all);
}

} // namespace
