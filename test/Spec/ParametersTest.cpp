// Names, shapes and counts against numbers that others have published.
#include "ParseText.h"

#include <algorithm>

namespace {

int64_t count(const std::string &text) {
  return spec::countParameters(parseGood(text));
}

std::string data(const std::string &name) {
  return readFile(TC_SOURCE_DIR "/test/Spec/data/" + name + ".yaml");
}

std::string gpt2(int dim, int heads, int layers) {
  std::string m = std::to_string(dim);
  return "model: gpt2\ndim: " + m +
         "\ncontext: 1024\nvocab: 50257\nlayers:\n"
         "  - embed\n  - position: learned\n"
         "  - repeat: " +
         std::to_string(layers) +
         "\n    layers:\n"
         "      - residual: [norm, {attention: {heads: " +
         std::to_string(heads) +
         ", mask: causal, bias: true}}]\n"
         "      - residual: [norm, {mlp: {hidden: " +
         std::to_string(4 * dim) +
         ", bias: true}}]\n"
         "  - norm\n  - logits: {tied: true}\n";
}

/// Radford et al. 2019, as counted on the published checkpoints.
TEST(Parameters, Gpt2) {
  EXPECT_EQ(count(data("gpt2")), 124439808);
  EXPECT_EQ(count(gpt2(768, 12, 12)), 124439808);
  EXPECT_EQ(count(gpt2(1024, 16, 24)), 354823168);
  EXPECT_EQ(count(gpt2(1280, 20, 36)), 774030080);
  EXPECT_EQ(count(gpt2(1600, 25, 48)), 1557611200);
}

TEST(Parameters, TinyLlama) { EXPECT_EQ(count(data("tinyllama")), 1100048384); }

/// torchvision's vit_b_16.
TEST(Parameters, VisionTransformer) {
  EXPECT_EQ(count(data("vit_base")), 86567656);
}

/// Llama 2 7B, Llama 3.1 8B, Qwen2 0.5B, Qwen3 0.6B, Mistral 7B.
TEST(Parameters, LlamaFamily) {
  struct Model {
    int64_t dim, vocab, layers, heads, groups, headDim, hidden;
    const char *more;
    bool tied;
    int64_t count;
  };
  for (const Model &model : {
           Model{4096, 32000, 32, 32, 32, 128, 11008, "", false, 6738415616},
           Model{4096, 128256, 32, 32, 8, 128, 14336, "", false, 8030261248},
           Model{896, 151936, 24, 14, 2, 64, 4864,
                 ", bias: [query, key, value]", true, 494032768},
           Model{1024, 151936, 28, 16, 8, 128, 3072, ", qk_norm: rms", true,
                 596049920},
           Model{4096, 32000, 32, 32, 8, 128, 14336, ", window: 4096", false,
                 7241732096},
       }) {
    auto s = [](int64_t value) { return std::to_string(value); };
    EXPECT_EQ(
        count("model: m\ndim: " + s(model.dim) +
              "\ncontext: 2048\nvocab: " + s(model.vocab) +
              "\ndefaults:\n  norm: {kind: rms}\n"
              "  attention: {heads: " +
              s(model.heads) + ", kv_heads: " + s(model.groups) +
              ", head_dim: " + s(model.headDim) +
              ", mask: causal, position: rope" + model.more +
              "}\n"
              "  mlp: {hidden: " +
              s(model.hidden) +
              ", act: silu, gated: true}\n"
              "layers:\n  - embed\n  - repeat: " +
              s(model.layers) +
              "\n    layers: [residual: [norm, attention], residual: [norm, "
              "mlp]]\n  - norm\n  - logits: {tied: " +
              (model.tied ? "true" : "false") + "}\n"),
        model.count);
  }
}

std::vector<std::string> names(const std::string &text) {
  std::vector<std::string> names;
  for (const spec::Parameter &parameter :
       spec::listParameters(parseGood(text))) {
    std::string name = parameter.name + " [";
    for (const int64_t &size : parameter.shape)
      name +=
          std::to_string(size) + (&size == &parameter.shape.back() ? "" : ", ");
    name += "]";
    for (int64_t size : parameter.repeats)
      name += " x" + std::to_string(size);
    names.push_back(name);
  }
  return names;
}

TEST(Parameters, NamesAndShapes) {
  EXPECT_EQ(
      names(tokens("  - embed\n  - position: learned\n"
                   "  - repeat: 3\n    layers:\n"
                   "      - residual: [norm, {attention: {heads: 4, kv_heads: "
                   "2, head_dim: 6, value_dim: 5, bias: [query, output], "
                   "qk_norm: rms}}]\n"
                   "      - residual: [{norm: {bias: false}}, {mlp: {hidden: "
                   "7, gated: true, bias: true}}]\n"
                   "  - norm: {kind: rms}\n"
                   "  - linear: {to: 9, bias: true}\n"
                   "  - logits: {bias: true}\n")),
      (std::vector<std::string>{"embed.weight [5, 8]",
                                "position.weight [4, 8]",
                                "layers.{i}.norm.weight [8] x3",
                                "layers.{i}.norm.bias [8] x3",
                                "layers.{i}.attention.query.weight [24, 8] x3",
                                "layers.{i}.attention.query.bias [24] x3",
                                "layers.{i}.attention.key.weight [12, 8] x3",
                                "layers.{i}.attention.value.weight [10, 8] x3",
                                "layers.{i}.attention.output.weight [8, 20] x3",
                                "layers.{i}.attention.output.bias [8] x3",
                                "layers.{i}.attention.query_norm.weight [6] x3",
                                "layers.{i}.attention.key_norm.weight [6] x3",
                                "layers.{i}.norm_2.weight [8] x3",
                                "layers.{i}.mlp.gate.weight [7, 8] x3",
                                "layers.{i}.mlp.gate.bias [7] x3",
                                "layers.{i}.mlp.up.weight [7, 8] x3",
                                "layers.{i}.mlp.up.bias [7] x3",
                                "layers.{i}.mlp.down.weight [8, 7] x3",
                                "layers.{i}.mlp.down.bias [8] x3",
                                "norm.weight [8]",
                                "linear.weight [9, 8]",
                                "linear.bias [9]",
                                "logits.weight [5, 9]",
                                "logits.bias [5]"}));
}

TEST(Parameters, NestedAndSharedRepeats) {
  EXPECT_EQ(names(tokens(R"(  - embed
  - repeat: 2
    layers:
      - norm: {kind: rms}
      - repeat: 3
        layers: [norm: {kind: rms}]
      - repeat: 4
        share: true
        layers:
          - norm: {kind: rms}
          - repeat: 5
            layers: [norm: {kind: rms}]
  - repeat: 6
    as: tower
    layers: [norm: {kind: rms, as: last}]
)")),
            (std::vector<std::string>{
                "embed.weight [5, 8]", "layers.{i}.norm.weight [8] x2",
                "layers.{j}.layers.{i}.norm.weight [8] x3 x2",
                "layers.{i}.layers_2.norm.weight [8] x2",
                "layers.{j}.layers_2.layers.{i}.norm.weight [8] x5 x2",
                "tower.{i}.last.weight [8] x6"}));
}

TEST(Parameters, ImageModel) {
  EXPECT_EQ(names("model: m\ndim: 8\nlayers:\n"
                  "  - patch: {image: [3, 8, 4], size: 2, bias: true}\n"
                  "  - prepend: {what: registers, rows: 2}\n"
                  "  - position: learned\n"),
            (std::vector<std::string>{"patch.weight [8, 12]", "patch.bias [8]",
                                      "prepend.weight [2, 8]",
                                      "position.weight [10, 8]"}));
}

/// Weights see channels times places; positions are as many as rows are left,
/// with those that are put before them.
TEST(Parameters, Windows) {
  EXPECT_EQ(names("model: m\ndim: 8\nlayers:\n"
                  "  - patch: {image: [3, 9, 11], size: 3, stride: 2, pad: 1}\n"
                  "  - position: learned\n"
                  "  - conv: {to: 5, size: 3, stride: 2, pad: 1, bias: true}\n"
                  "  - residual: [conv: {to: 5, size: 3, pad: 1}]\n"
                  "  - position: learned\n"
                  "  - merge: {size: 3}\n"
                  "  - linear: {to: 7}\n"
                  "  - position: learned\n"
                  "  - prepend: {what: registers, rows: 2}\n"),
            (std::vector<std::string>{
                "patch.weight [8, 27]", "position.weight [30, 8]",
                "conv.weight [5, 72]", "conv.bias [5]", "conv_2.weight [5, 45]",
                "position_2.weight [9, 5]", "linear.weight [7, 45]",
                "position_3.weight [3, 7]", "prepend.weight [2, 7]"}));
  EXPECT_EQ(
      names("model: m\ndim: 8\ncontext: 30\nlayers:\n"
            "  - rows: {dim: 8}\n"
            "  - conv: {to: 5, size: 3, pad: 1}\n"
            "  - conv: {to: 6, size: 3, stride: 2, pad: 1}\n"
            "  - position: learned\n"),
      (std::vector<std::string>{"conv.weight [5, 24]", "conv_2.weight [6, 15]",
                                "position.weight [15, 6]"}));
}

/// A group sees its own columns alone.
TEST(Parameters, Groups) {
  std::string text =
      "model: m\ndim: 12\nlayers:\n"
      "  - patch: {image: [1, 8, 8], size: 2}\n"
      "  - conv: {to: 12, size: 3, pad: 1, groups: 12, bias: true}\n"
      "  - conv: {to: 8, size: 3, groups: 4}\n";
  EXPECT_EQ(names(text), (std::vector<std::string>{
                             "patch.weight [12, 4]", "conv.weight [12, 9]",
                             "conv.bias [12]", "conv_2.weight [8, 27]"}));
  EXPECT_EQ(countParameters(parseGood(text)), 48 + 108 + 12 + 216);
  EXPECT_EQ(names("model: m\ndim: 12\ncontext: 9\nlayers:\n"
                  "  - rows: {dim: 12}\n"
                  "  - conv: {to: 24, size: 5, pad: 2, groups: 3}\n"),
            (std::vector<std::string>{"conv.weight [24, 20]"}));
}

/// A table for each repetition, or one for all of them.
TEST(Parameters, RelativeBias) {
  auto tables = [](const char *shared) {
    std::vector<spec::Parameter> found;
    for (spec::Parameter &parameter : listParameters(
             parseGood(std::string("model: m\ndim: 8\ncontext: 4\nvocab: 5\n"
                                   "layers:\n  - embed\n  - repeat: 3\n"
                                   "    layers:\n"
                                   "      - attention: {heads: 2, position: "
                                   "{relative: {buckets: 6, distance: 9, "
                                   "shared: ") +
                       shared + "}}}\n  - norm\n")))
      if (llvm::StringRef(parameter.name).ends_with("relative.weight"))
        found.push_back(std::move(parameter));
    return found;
  };
  std::vector<spec::Parameter> each = tables("false"), one = tables("true");
  ASSERT_EQ(each.size(), 1u);
  ASSERT_EQ(one.size(), 1u);
  EXPECT_EQ(each[0].name, "layers.{i}.attention.relative.weight");
  EXPECT_EQ(each[0].repeats, std::vector<int64_t>{3});
  EXPECT_EQ(one[0].name, "layers.attention.relative.weight");
  EXPECT_EQ(one[0].repeats, std::vector<int64_t>());
  EXPECT_EQ(one[0].shape, (std::vector<int64_t>{6, 2}));
}

/// Names and shapes of both stacks; sizes of the source are the encoder's.
TEST(Parameters, Stacks) {
  spec::Spec spec = parseGood(R"(model: m
dim: 4
context: 6
vocab: 5
source: {vocab: 7, context: 9}
encoder: [embed, position: learned, linear: {to: 3}]
decoder:
  - embed
  - position: learned
  - repeat: 2
    layers:
      - residual:
          - cross_attention: {heads: 2, kv_heads: 1, value_dim: 3, bias: [key]}
  - logits: {tied: true}
)");
  std::string text;
  for (const spec::Parameter &parameter : spec::listParameters(spec)) {
    text += parameter.name;
    for (int64_t size : parameter.shape)
      text += " " + std::to_string(size);
    text += "\n";
  }
  EXPECT_EQ(text, R"(encoder.embed.weight 7 4
encoder.position.weight 9 4
encoder.linear.weight 3 4
decoder.embed.weight 5 4
decoder.position.weight 6 4
decoder.layers.{i}.cross_attention.query.weight 4 4
decoder.layers.{i}.cross_attention.key.weight 2 3
decoder.layers.{i}.cross_attention.key.bias 2
decoder.layers.{i}.cross_attention.value.weight 3 3
decoder.layers.{i}.cross_attention.output.weight 4 6
)");
}

/// Exits are named like leaves, and name their layers like repeats.
TEST(Parameters, Exits) {
  std::vector<std::string> names;
  for (const spec::Parameter &parameter : spec::listParameters(parseGood(
           "model: m\ndim: 8\ncontext: 5\nlayers:\n  - rows: {dim: 8}\n"
           "  - exit: {above: 0.5, layers: [pool: first, linear: {to: 2}]}\n"
           "  - repeat: 3\n    layers:\n"
           "      - exit: {above: 0.5, layers: [pool: mean, linear: {to: 3}, "
           "linear: {to: 2}]}\n"
           "      - exit: {above: none, as: late, layers: [pool: last, linear: "
           "{to: 2}]}\n"
           "  - exit: {above: 0.5, layers: [pool: first, linear: {to: 2}]}\n"
           "  - pool: first\n  - linear: {to: 2}\n")))
    names.push_back(parameter.name);
  EXPECT_EQ(names, (std::vector<std::string>{
                       "exit.linear.weight", "layers.{i}.exit.linear.weight",
                       "layers.{i}.exit.linear_2.weight",
                       "layers.{i}.late.linear.weight", "exit_2.linear.weight",
                       "linear.weight"}));
}

} // namespace
