// Parameters of a spec out of files, and out of a seed.
#include "SafetensorsText.h"
#include "test/Folder.h"

#include "compiler/Spec/Parser.h"
#include "compiler/Weights/TensorSource.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace weights;

namespace {

std::optional<spec::Spec> parse(const std::string &text,
                                const std::string &path) {
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(llvm::MemoryBuffer::getMemBufferCopy(text, path),
                             {});
  std::optional<spec::Spec> spec = spec::parseSpec(sources);
  EXPECT_TRUE(spec) << text;
  return spec;
}

constexpr char model[] = R"(model: small
dim: 4
context: 6
vocab: 5
layers:
  - embed
  - position: learned
  - repeat: 2
    layers:
      - residual: [{norm: {kind: rms}}, {mlp: {hidden: 3, act: relu, bias: true}}]
  - logits: {tied: true}
)";

class FromFiles : public testing::Test {
protected:
  /// All tensors of the model, [in, out] and under other names in layers.
  SafetensorsText tensors() {
    SafetensorsText text;
    text.add("embed.weight", {5, 4}, counting(20))
        .add("position.weight", {1, 8, 4}, counting(32, 100));
    for (std::string i : {"0", "1"})
      text.add("layers." + i + ".norm.weight", {4}, counting(4))
          .add("h." + i + ".up", {4, 6}, counting(24, std::stof(i) * 1000))
          .add("h." + i + ".b", {6}, counting(6, 50))
          .add("layers." + i + ".mlp.down.weight", {4, 3}, counting(12))
          .add("layers." + i + ".mlp.down.bias", {4}, counting(4));
    return text;
  }
  spec::Spec spec() {
    return *parse(std::string(model) + R"(weights:
  files: [t.safetensors]
  names:
    "layers.{i}.mlp.up.weight": "h.{i}.up[:, 2:5].T"
    "layers.{i}.mlp.up.bias": "h.{i}.b[3:]"
)",
                  folder.path("model.yaml"));
  }
  std::string messageOf(const spec::Spec &spec) {
    warnings.clear();
    auto source = openSpecWeights(
        spec, [&](const std::string &text) { warnings.push_back(text); });
    return source ? "no error" : toString(source.takeError());
  }
  Folder folder;
  std::vector<std::string> warnings;
};

TEST_F(FromFiles, AreCutAndTransposed) {
  folder.write("t.safetensors", tensors().text());
  spec::Spec spec = this->spec();
  auto source =
      openSpecWeights(spec, [](const std::string &text) { FAIL() << text; });
  ASSERT_TRUE(bool(source)) << toString(source.takeError());
  auto up = (*source)->getAll("layers.1.mlp.up.weight", 3, 4);
  ASSERT_TRUE(bool(up)) << toString(up.takeError());
  for (int out = 0; out < 3; ++out)
    for (int in = 0; in < 4; ++in)
      EXPECT_EQ((*up)[out * 4 + in], float(1000 + in * 6 + 2 + out));
  // The same values as one row, which is no evenly spaced view.
  auto flat = (*source)->getAll("layers.1.mlp.up.weight", 1, 12);
  ASSERT_TRUE(bool(flat)) << toString(flat.takeError());
  EXPECT_EQ(*flat, *up);
  for (auto [rows, cols] : {std::pair(3, 1), std::pair(1, 3)}) {
    auto bias = (*source)->getAll("layers.0.mlp.up.bias", rows, cols);
    ASSERT_TRUE(bool(bias)) << toString(bias.takeError());
    EXPECT_EQ(*bias, counting(3, 53));
  }
  auto positions = (*source)->getAll("position.weight", 6, 4);
  ASSERT_TRUE(bool(positions)) << toString(positions.takeError());
  EXPECT_EQ(*positions, counting(24, 100));

  EXPECT_EQ(toString((*source)->get("nothing", 1, 1).takeError()),
            "the model has no parameter 'nothing'");
  EXPECT_NE(toString((*source)->get("embed.weight", 3, 4).takeError())
                .find("has shape [5, 4], not 3 x 4"),
            std::string::npos);
}

TEST(Substitute, CountsAsTheirsDo) {
  EXPECT_EQ(substitute("a.{i}.{j}.{i}", {3, 4}), "a.3.4.3");
  EXPECT_EQ(substitute("a.{i*6+5}.{i+24}.{i*2}", {3}), "a.23.27.6");
  EXPECT_EQ(substitute("a.{j}.{i*}.{i+}.{i}b{", {3}), "a.{j}.{i*}.{i+}.3b{");
}

TEST_F(FromFiles, TensorsAreMissing) {
  folder.write(
      "t.safetensors",
      SafetensorsText().add("embed.weight", {5, 4}, counting(20)).text());
  std::string message = messageOf(spec());
  EXPECT_NE(message.find("t.safetensors: no tensor 'h.1.up', which parameter "
                         "'layers.1.mlp.up.weight' [3, 4] needs"),
            std::string::npos)
      << message;
  EXPECT_NE(message.find("these were the first 8"), std::string::npos)
      << message;
}

TEST_F(FromFiles, TwoBillionTensorsAreMissing) {
  folder.write("t.safetensors", tensors().text());
  spec::Spec spec = this->spec();
  for (spec::Layer &layer : spec.layers)
    if (auto *repeat = std::get_if<spec::Repeat>(&layer.body))
      repeat->count = 2000000000;
  EXPECT_NE(messageOf(spec).find("no tensor 'layers.2.norm.weight'"),
            std::string::npos);
}

TEST_F(FromFiles, TensorsHaveOtherShapesAndTypes) {
  folder.write("t.safetensors", SafetensorsText(tensors()).text());
  spec::Spec wider = *parse(R"(model: small
dim: 4
context: 6
vocab: 6
layers: [embed, {logits: {tied: true}}]
weights: {files: [t.safetensors]}
)",
                            folder.path("model.yaml"));
  std::string message = messageOf(wider);
  EXPECT_NE(message.find("t.safetensors: tensor 'embed.weight' has shape [5, "
                         "4], parameter 'embed.weight' of the spec has [6, 4]"),
            std::string::npos)
      << message;
  folder.write("t.safetensors",
               withHeader(R"({"embed.weight": {"dtype": "I8", "shape": [6, 4],
                          "data_offsets": [0, 24]}})",
                          std::string(24, 'x')));
  message = messageOf(wider);
  EXPECT_NE(message.find("tensor 'embed.weight' has type I8"),
            std::string::npos)
      << message;
}

TEST_F(FromFiles, TensorsAreEmpty) {
  // Strides of such a shape would overflow.
  folder.write("t.safetensors", withHeader(R"({"embed.weight": {
      "dtype": "F32", "shape": [0, 4611686018427387904, 4611686018427387904],
      "data_offsets": [0, 0]}})",
                                           ""));
  EXPECT_NE(messageOf(spec()).find("'embed.weight' has shape [0, 46"),
            std::string::npos);
}

/// All repetitions' matrices in one tensor, and one whose matrices are
/// transposed.
TEST_F(FromFiles, RepetitionsAreStacked) {
  folder.write("t.safetensors", SafetensorsText()
                                    .add("embed.weight", {5, 4}, counting(20))
                                    .add("stack", {3, 4, 4}, counting(48))
                                    .add("turned", {2, 4, 2}, counting(16, 100))
                                    .add("row", {4}, counting(4, 1))
                                    .text());
  auto spec = [&](const std::string &stack) {
    return *parse(R"(model: small
dim: 4
context: 6
vocab: 5
layers:
  - embed
  - repeat: 2
    layers: [{linear: {to: 4}}]
  - linear: {to: 4}
  - logits: {tied: true}
weights:
  files: [t.safetensors]
  names:
    "layers.{i}.linear.weight": ")" +
                      stack + R"("
    "linear.weight": 'turned.reshape(2, 4, 2).mT + row.reshape(1, 4)'
)",
                  folder.path("model.yaml"));
  };
  spec::Spec two = spec("stack[{i+1}, :, :]");
  auto source =
      openSpecWeights(two, [](const std::string &text) { FAIL() << text; });
  ASSERT_TRUE(bool(source)) << toString(source.takeError());
  EXPECT_EQ(*(*source)->getAll("layers.0.linear.weight", 4, 4),
            counting(16, 16));
  EXPECT_EQ(*(*source)->getAll("layers.1.linear.weight", 4, 4),
            counting(16, 32));
  EXPECT_EQ(*(*source)->getAll("linear.weight", 4, 4),
            (std::vector<float>{101, 104, 107, 110, 102, 105, 108, 111, 109,
                                112, 115, 118, 110, 113, 116, 119}));
  EXPECT_NE(messageOf(spec("stack[{i+2}, :, :]"))
                .find("tensor 'stack' has shape [3, 4, 4], slice 3:4 is "
                      "outside (parameter 'layers.1.linear.weight')"),
            std::string::npos);
}

TEST_F(FromFiles, SlicesAreOutside) {
  folder.write("t.safetensors", tensors().text());
  spec::Spec spec = this->spec();
  spec.weights->names["layers.{i}.mlp.up.weight"].slices[1] = {4, 7};
  EXPECT_NE(messageOf(spec).find("has shape [4, 6], slice 4:7 is outside"),
            std::string::npos);
}

TEST_F(FromFiles, ExtraTensorsAreListed) {
  SafetensorsText text = tensors();
  text.add("lm_head.weight", {1}, counting(1))
      .add("h.0.extra", {1}, counting(1))
      .add("h.1.extra", {1}, counting(1))
      .add("h.1.attn.masked_bias", {1}, counting(1));
  folder.write("t.safetensors", text.text());
  EXPECT_EQ(messageOf(spec()), "no error");
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_NE(warnings[0].find("t.safetensors: tensors that the model doesn't "
                             "use: 'h.*.extra' (2 times), 'lm_head.weight'"),
            std::string::npos)
      << warnings[0];
}

TEST_F(FromFiles, FilesAreMissingOrRepeatATensor) {
  EXPECT_NE(messageOf(spec()).find("t.safetensors: No such file"),
            std::string::npos);
  folder.write("t.safetensors", tensors().text());
  folder.write("u.safetensors", tensors().text());
  spec::Spec spec = this->spec();
  spec.weights->files.push_back(folder.path("u.safetensors"));
  EXPECT_NE(messageOf(spec).find("is both in "), std::string::npos);
}

TEST(Seeded, ValuesDependOnSeedAndNameAlone) {
  std::optional<spec::Spec> spec = parse(model, "model.yaml");
  ASSERT_TRUE(spec);
  auto one = makeSeededWeights(*spec, 1), two = makeSeededWeights(*spec, 2);
  std::vector<float> a = *one->getAll("layers.0.mlp.up.weight", 3, 4);
  EXPECT_EQ(
      a, *makeSeededWeights(*spec, 1)->getAll("layers.0.mlp.up.weight", 12, 1));
  EXPECT_NE(a, *two->getAll("layers.0.mlp.up.weight", 3, 4));
  EXPECT_NE(a, *one->getAll("layers.1.mlp.up.weight", 3, 4));
  EXPECT_EQ(*one->getAll("layers.0.norm.weight", 1, 4),
            std::vector<float>(4, 1.0f));
  EXPECT_FALSE(bool(one->get("layers.2.norm.weight", 1, 4)) ||
               bool(one->get("embed.weight", 5, 5)));
}

TEST(Seeded, RepeatsMayBeManyAndNested) {
  std::optional<spec::Spec> spec = parse(R"(model: deep
dim: 4
context: 6
vocab: 5
layers:
  - embed
  - repeat: 2000000000
    layers:
      - repeat: 30
        layers: [{linear: {to: 4}}]
  - logits: {tied: true}
)",
                                         "model.yaml");
  ASSERT_TRUE(spec);
  auto source = makeSeededWeights(*spec, 1);
  auto exists = [&](const char *name) {
    auto reader = source->get(name, 4, 4);
    if (!reader)
      consumeError(reader.takeError());
    return bool(reader);
  };
  EXPECT_TRUE(exists("layers.1999999999.layers.29.linear.weight"));
  EXPECT_FALSE(exists("layers.2000000000.layers.29.linear.weight"));
  EXPECT_FALSE(exists("layers.0.layers.30.linear.weight"));
  EXPECT_FALSE(exists("layers.0.layers.01.linear.weight"));
  EXPECT_FALSE(exists("layers.0.layers.1.linear.weight.x"));
  EXPECT_FALSE(exists("layers.0.layers.1.linear.weigh"));
  EXPECT_FALSE(exists("layers..layers.1.linear.weight"));
}

// Bits that must never change: a model's outputs hang on them.
TEST(Seeded, HasTheseValues) {
  std::optional<spec::Spec> spec = parse(model, "model.yaml");
  ASSERT_TRUE(spec);
  std::vector<float> table =
      *makeSeededWeights(*spec, 42)->getAll("embed.weight", 5, 4);
  EXPECT_EQ(table[0], 0x1.7a05380000000p-7f);
  EXPECT_EQ(table[19], 0x1.6a967a0000000p-8f);
}

TEST(Seeded, IsNearlyNormal) {
  std::optional<spec::Spec> spec = parse(R"(model: wide
dim: 512
context: 6
vocab: 1000
layers: [embed, {logits: {tied: true}}]
)",
                                         "model.yaml");
  ASSERT_TRUE(spec);
  std::vector<float> table =
      *makeSeededWeights(*spec, 3)->getAll("embed.weight", 1000, 512);
  double sum = 0, squares = 0, fourth = 0;
  for (float value : table) {
    sum += value;
    squares += double(value) * value;
    fourth += std::pow(double(value), 4);
  }
  double n = double(table.size()), variance = squares / n;
  EXPECT_NEAR(sum / n, 0.0, 1e-4);
  EXPECT_NEAR(std::sqrt(variance), 0.02, 1e-4);
  EXPECT_NEAR(fourth / n / (variance * variance), 2.7, 0.05); // normal: 3
}

/// Random features are what the theorem asks for, norms of heads and powers
/// change nothing.
TEST(Seeded, RandomFeaturesAreStandardNormal) {
  std::optional<spec::Spec> spec = parse(R"(model: features
dim: 64
context: 6
vocab: 5
layers:
  - embed
  - repeat: 2
    layers:
      - linear_attention: {heads: 4, mask: causal, feature: {random: {count: 600}}, head_norm: rms, decay: {input: {power: true}}}
  - logits: {tied: true}
)",
                                         "model.yaml");
  ASSERT_TRUE(spec);
  auto source = makeSeededWeights(*spec, 3);
  const char *name = "layers.1.linear_attention.feature.weight";
  std::vector<float> features = *source->getAll(name, 600, 16);
  double squares = 0;
  for (float value : features)
    squares += double(value) * value;
  EXPECT_NEAR(squares / double(features.size()), 1.0, 0.03);
  EXPECT_EQ(
      *source->getAll("layers.1.linear_attention.head_norm.weight", 16, 1),
      std::vector<float>(16, 1.0f));
  EXPECT_EQ(*source->getAll("layers.1.linear_attention.decay.power", 4, 1),
            std::vector<float>(4, 1.0f));
}

/// What multiplies, a norm's weights or a branch's scale, is 1 where nothing
/// was learned.
TEST(Seeded, WhatMultipliesIsOne) {
  std::optional<spec::Spec> spec = parse(R"(model: ones
dim: 8
context: 6
vocab: 5
encoder: [embed]
decoder:
  - embed
  - residual: [{attention: {heads: 2, mask: causal, qk_norm: rms}}, scale]
  - residual: [{cross_attention: {heads: 2, qk_norm: rms}}]
  - logits
)",
                                         "model.yaml");
  ASSERT_TRUE(spec);
  auto source = makeSeededWeights(*spec, 3);
  for (const char *name :
       {"decoder.attention.query_norm.weight",
        "decoder.attention.key_norm.weight",
        "decoder.cross_attention.query_norm.weight",
        "decoder.cross_attention.key_norm.weight", "decoder.scale.weight"}) {
    int64_t size = llvm::StringRef(name).contains("norm") ? 4 : 8;
    auto values = source->getAll(name, 1, size);
    ASSERT_TRUE(bool(values)) << toString(values.takeError());
    EXPECT_EQ(*values, std::vector<float>(size_t(size), 1.0f)) << name;
  }
}

} // namespace
