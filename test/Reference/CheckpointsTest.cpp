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

class Imported : public testing::TestWithParam<Checkpoint> {};

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

/// The spec's model on its own weights gives the logits, to 1e-9 of the
/// largest.
void compare(const spec::Spec &spec, const std::string &tokens,
             const std::string &logitsOfNumpy) {
  auto source = weights::openWeights(spec, 0, [](const std::string &) {});
  ASSERT_TRUE(bool(source)) << toString(source.takeError());
  auto weights = [&](llvm::StringRef name, int64_t rows, int64_t columns) {
    return (*source)->getAll(name, rows, columns);
  };

  reference::Input input;
  input.sequences = sequences(readArray(tokens));
  Array expected = readArray(logitsOfNumpy);
  reference::Matrix logits = Model(spec).evaluate(weights, input);
  ASSERT_EQ(logits.values.size(), expected.values.size());
  double error = 0;
  for (size_t i = 0; i < expected.values.size(); ++i)
    error = std::max(error, std::abs(logits.values[i] - expected.values[i]));
  EXPECT_LT(error, 1e-9 * largest(expected.values));
}

TEST_P(Imported, HaveTheLogitsOfNumpy) {
  std::string folder = TC_SHARED_DIR "/models/";
  if (!std::filesystem::exists(folder + GetParam().logits))
    GTEST_SKIP() << folder + GetParam().logits;
  auto spec = importer::importModel(folder + GetParam().model);
  ASSERT_TRUE(bool(spec)) << toString(spec.takeError());
  compare(*spec, folder + GetParam().tokens, folder + GetParam().logits);
}

INSTANTIATE_TEST_SUITE_P(
    Checkpoints, Imported,
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

/// A post-norm model of characters that has no configuration file, by a spec
/// over its own names.
TEST(Checkpoints, OfCharactersHasTheLogitsOfNumpy) {
  std::string folder = TC_SHARED_DIR "/models/char-gpt";
  if (!std::filesystem::exists(folder))
    GTEST_SKIP() << folder;
  std::string text =
      "model: characters\ndim: 128\ncontext: 128\nvocab: 65\n"
      "defaults:\n"
      "  attention: {heads: 4, mask: causal, bias: true}\n"
      "  mlp: {hidden: 512, act: relu, bias: true}\n"
      "layers: [embed, position: learned, {repeat: 4, layers: ["
      "residual: [attention], norm, residual: [mlp], norm]}, norm, "
      "logits: {bias: true}]\n"
      "weights:\n  files: [" +
      folder + "/gpt.safetensors]\n  names:\n" +
      "    embed.weight: token_embedding.weight\n"
      "    position.weight: pos_embedding.weight\n";
  std::pair<const char *, const char *> names[] = {
      {"layers.{i}.attention.query", "blocks.{i}.self_attn.W_q"},
      {"layers.{i}.attention.key", "blocks.{i}.self_attn.W_k"},
      {"layers.{i}.attention.value", "blocks.{i}.self_attn.W_v"},
      {"layers.{i}.attention.output", "blocks.{i}.self_attn.W_o"},
      {"layers.{i}.norm", "blocks.{i}.norm1"},
      {"layers.{i}.mlp.up", "blocks.{i}.ffn.linear1"},
      {"layers.{i}.mlp.down", "blocks.{i}.ffn.linear2"},
      {"layers.{i}.norm_2", "blocks.{i}.norm2"},
      {"norm", "ln_f"},
      {"logits", "lm_head"}};
  for (auto [ours, theirs] : names)
    for (std::string kind : {".weight", ".bias"})
      text += "    \"" + (ours + kind) + "\": \"" + theirs + kind + "\"\n";
  compare(parse(text), folder + "/gpt_tokens.npy",
          folder + "/gpt_logits_f64.npy");
}

} // namespace
