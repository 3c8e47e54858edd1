// Trained models of others, against logits in double precision from programs
// that know neither our specs nor our dialect.
#include "Models.h"

#include "compiler/Import/Importer.h"
#include "compiler/Weights/TensorSource.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

namespace {

struct Checkpoint {
  const char *name, *model, *tokens, *logits;
};

class Checkpoints : public testing::TestWithParam<Checkpoint> {};

std::vector<std::vector<int32_t>> sequences(const Array &tokens) {
  int64_t length = tokens.shape.back();
  std::vector<std::vector<int32_t>> list;
  for (auto at = tokens.values.begin(); at < tokens.values.end(); at += length)
    list.emplace_back(at, at + length);
  return list;
}

double largest(const std::vector<double> &values) {
  double most = 0;
  for (double value : values)
    most = std::max(most, std::abs(value));
  return most;
}

TEST_P(Checkpoints, HaveTheLogitsOfNumpy) {
  std::string folder = TC_SHARED_DIR "/models/";
  if (!std::filesystem::exists(folder + GetParam().logits))
    GTEST_SKIP() << folder + GetParam().logits;
  auto spec = importer::importModel(folder + GetParam().model);
  ASSERT_TRUE(bool(spec)) << toString(spec.takeError());
  auto source = weights::openWeights(*spec, 0, [](const std::string &) {});
  ASSERT_TRUE(bool(source)) << toString(source.takeError());
  auto weights = [&](llvm::StringRef name, int64_t rows, int64_t columns) {
    return (*source)->getAll(name, rows, columns);
  };

  reference::Input input;
  input.sequences = sequences(readArray(folder + GetParam().tokens));
  Array expected = readArray(folder + GetParam().logits);
  reference::Matrix logits = Model(*spec).evaluate(weights, input);
  ASSERT_EQ(logits.values.size(), expected.values.size());
  double error = 0;
  for (size_t i = 0; i < expected.values.size(); ++i)
    error = std::max(error, std::abs(logits.values[i] - expected.values[i]));
  EXPECT_LT(error, 1e-9 * largest(expected.values));
}

INSTANTIATE_TEST_SUITE_P(
    Shared, Checkpoints,
    testing::Values(Checkpoint{"stories260K", "llama2c/stories260K.bin",
                               "llama2c/tokens_random32.npy",
                               "llama2c/logits_random32_f64.npy"},
                    Checkpoint{"stories260K_greedy", "llama2c/stories260K.bin",
                               "llama2c/tokens_greedy32.npy",
                               "llama2c/logits_greedy32_f64.npy"},
                    Checkpoint{"hf_stories260K", "hf/stories260K",
                               "hf/stories260K/tokens.npy",
                               "hf/stories260K/logits_f64.npy"},
                    Checkpoint{"hf_gpt_nano_sort", "hf/gpt-nano-sort",
                               "hf/gpt-nano-sort/tokens_3x11.npy",
                               "hf/gpt-nano-sort/logits_3x11_f64.npy"},
                    Checkpoint{"tiny_random_gpt2", "tiny-random-gpt2",
                               "tiny-random-gpt2/tokens32.npy",
                               "tiny-random-gpt2/logits_f64.npy"}),
    [](const auto &info) { return info.param.name; });

} // namespace
