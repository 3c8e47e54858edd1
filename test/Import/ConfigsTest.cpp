// Published configs at full size: the numbers of parameters that their authors
// publish, and the settings that are easily lost.
#include "test/Folder.h"

#include "compiler/Import/Families.h"
#include "compiler/Import/Importer.h"
#include "compiler/Spec/Parser.h"

#include <gtest/gtest.h>

namespace {

struct Published {
  const char *name;
  int64_t parameters;
  bool causal = true;
};

void PrintTo(const Published &published, std::ostream *os) {
  *os << published.name;
}

spec::Spec import(const std::string &path, llvm::StringRef tower = "") {
  llvm::Expected<spec::Spec> spec = importer::importModel(path, tower);
  if (spec)
    return std::move(*spec);
  ADD_FAILURE() << toString(spec.takeError());
  return {};
}

/// Of a config.json without anything beside it.
spec::Spec importConfig(const std::string &text) {
  Folder folder;
  folder.write("config.json", text);
  return import(folder.path());
}

/// The first layer of that kind within.
template <class T> const T *find(const spec::Layers &layers) {
  for (const spec::Layer &layer : layers) {
    if (auto *found = std::get_if<T>(&layer.body))
      return found;
    const spec::Layers *inner = nullptr;
    if (auto *residual = std::get_if<spec::Residual>(&layer.body))
      inner = &residual->layers;
    if (auto *repeat = std::get_if<spec::Repeat>(&layer.body))
      inner = &repeat->layers;
    if (inner)
      if (const T *found = find<T>(*inner))
        return found;
  }
  return nullptr;
}

spec::Attention attentionOf(const spec::Spec &spec) {
  const spec::Attention *attention = find<spec::Attention>(spec.layers);
  return attention ? *attention : spec::Attention();
}

class Configs : public testing::TestWithParam<Published> {};

TEST_P(Configs, HaveThePublishedNumberOfParameters) {
  std::string path = sharedModels("configs/") + GetParam().name;
  if (!std::filesystem::exists(path))
    GTEST_SKIP() << path;
  spec::Spec spec = import(path);
  EXPECT_EQ(spec::countParameters(spec), GetParam().parameters);
  EXPECT_EQ(spec.causal, GetParam().causal);
  EXPECT_FALSE(spec.weights);
}

TEST_P(Configs, PrintASpecThatReadsTheSame) {
  std::string path = sharedModels("configs/") + GetParam().name;
  if (!std::filesystem::exists(path))
    GTEST_SKIP() << path;
  std::string text = spec::printSpec(import(path));
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(llvm::MemoryBuffer::getMemBuffer(text), {});
  std::optional<spec::Spec> again = spec::parseSpec(sources);
  ASSERT_TRUE(again) << text;
  EXPECT_EQ(spec::printSpec(*again), text);
}

// Totals of the published checkpoints, less what we don't have: rows of
// position tables that nobody uses, and segments, of which the first is in the
// positions. This CodeLlama's vocabulary has 16 more entries, this Qwen1.5's
// table is tied.
INSTANTIATE_TEST_SUITE_P(
    Published, Configs,
    testing::Values(
        Published{"gpt2", 124439808}, Published{"llama2_7b", 6738415616},
        Published{"llama2_13b", 13015864320},
        Published{"llama2_70b", 68976648192},
        Published{"llama3_1_8b", 8030261248},
        Published{"llama3_1_70b", 70553706496},
        Published{"llama3_2_1b", 1235814400},
        Published{"et-Llama-3.2-1B-Instruct", 1235814400},
        Published{"et-llama3-8B-instruct", 8030261248},
        Published{"codellama_7b", 6738546688},
        Published{"codellama_34b", 33743970304 + 2 * 16 * 8192},
        Published{"mistral_7b", 7241732096},
        Published{"Mixtral-8x7B-v0.1", 46702792704},
        Published{"qwen2", 1836828672 - 151936 * 2048},
        Published{"qwen2_0_5b", 494032768}, Published{"qwen2_7b", 7615616512},
        Published{"qwen2.5_3b", 3085938688},
        Published{"et-Qwen2-7B-Instruct", 7615616512},
        Published{"et-Qwen2.5-0.5B-Instruct", 494032768},
        Published{"qwen3_0.6b", 596049920}, Published{"smollm_135m", 134515008},
        Published{"smollm2_135m", 134515008},
        Published{"smollm_360m", 361821120},
        Published{"smollm_1_7b", 1711376384},
        Published{"tinyllama_1b_chat_v1.0", 1100048384},
        Published{"gemma_2b", 2506172416}, Published{"gemma2_2b", 2614341888},
        Published{"gemma2_2b-jpn", 2614341888},
        Published{"et-gemma2_2b_it", 2614341888},
        Published{"gemma2_27b", 27227128320},
        Published{"gemma3_1b_it", 999885952}, Published{"phi-2", 2779683840},
        Published{"phi-1_5", 1418270720},
        Published{"phi-3-mini-4k", 3821079552},
        Published{"redpajama_3b_v1", 2775864320},
        Published{"opt-125m", 125239296 - 2 * 768},
        Published{"falcon-7b", 6921720704}, Published{"stablelm", 2795443200},
        Published{"olmo-1b", 1176764416}, Published{"olmo2_7b", 7298617344},
        Published{"olmo2_32b", 32234279936}, Published{"bloom-560m", 559214592},
        Published{"mpt-7b", 6649286656},
        Published{"minicpm_2b_sft_bf16", 2724880896},
        Published{"minicpm_2b", 3007736064}, Published{"phi-3_5", 3821079552},
        Published{"et-phi3.5-mini-instruct", 3821079552},
        Published{"internlm", 7321948160}, Published{"internlm2", 7737708544},
        Published{"baichuan", 7505973248}, Published{"chatglm", 6243584000},
        Published{"qwen", 1836828672},
        // Of another vocabulary; both stacks have the table.
        Published{"bart-base-smiles",
                  139420416 + (2 * 51201 - 50265) * 768 - 2 * 2 * 768},
        Published{"t5-small", 60506624 + 32128 * 512},
        Published{"whisper-tiny", 37760640},
        Published{"deepseek_v2_lite", 15706484224},
        Published{"bert-base-uncased", 109482240, false},
        Published{"all-MiniLM-L6-v2", 22713216, false},
        Published{"snowflake-arctic-embed-m", 109482240, false},
        Published{"roberta-base", 124697433 - 3 * 768, false},
        Published{"distilbert-base-uncased", 66985530, false},
        Published{"vit-base-patch16-224", 86567656, false}));

/// How often each repeat has its blocks, and what these have: an 'm' for an
/// MLP, an 'x' for experts.
std::string kindsOf(const spec::Spec &spec) {
  std::string kinds;
  for (const spec::Layer &layer : spec.layers)
    if (auto *repeat = std::get_if<spec::Repeat>(&layer.body)) {
      kinds += (kinds.empty() ? "" : " ") + std::to_string(repeat->count) + "*";
      for (const spec::Layer &branch : repeat->layers) {
        const auto &inner = std::get<spec::Residual>(branch.body).layers;
        if (find<spec::Mlp>(inner))
          kinds += "m";
        if (find<spec::Moe>(inner))
          kinds += "x";
      }
    }
  return kinds;
}

/// The blocks with experts as the configs say, in as few repeats as patterns
/// have; with the parameters of both kinds of blocks.
TEST(Mixtures, ExpertsInSomeBlocks) {
  auto qwen = [](const std::string &more) {
    return importConfig(
        R"({"model_type": "qwen3_moe", "hidden_size": 8, "vocab_size": 5,
                  "num_attention_heads": 2, "num_key_value_heads": 2,
                  "head_dim": 4, "max_position_embeddings": 64,
                  "intermediate_size": 7, "moe_intermediate_size": 3,
                  "num_experts": 4, "num_experts_per_tok": 2,
                  "num_hidden_layers": )" +
        more + "}");
  };
  EXPECT_EQ(kindsOf(qwen("48")), "48*x");
  EXPECT_EQ(kindsOf(qwen("48, \"decoder_sparse_step\": 2")), "24*mx");
  EXPECT_EQ(kindsOf(qwen("49, \"decoder_sparse_step\": 2")), "24*mx 1*m");
  EXPECT_EQ(kindsOf(qwen("48, \"mlp_only_layers\": [0, 3, 99]")), "2*mxx 42*x");
  // mmxmmmmmxmmx: no pattern comes again but that of one block.
  EXPECT_EQ(kindsOf(qwen("12, \"mlp_only_layers\": [5], "
                         "\"decoder_sparse_step\": 3")),
            "2*m 1*x 5*m 1*x 2*m 1*x");
  EXPECT_EQ(kindsOf(qwen("3, \"decoder_sparse_step\": 4")), "3*m");
  int64_t attention = 4 * 8 * 8 + 2 * 4, norms = 2 * 8, mlp = 3 * 8 * 7;
  int64_t experts = 4 * 8 + 4 * 3 * 8 * 3;
  EXPECT_EQ(spec::countParameters(qwen("5, \"decoder_sparse_step\": 2")),
            5 * (attention + norms) + 3 * mlp + 2 * experts + 8 + 2 * 5 * 8);
}

TEST(Mixtures, ExpertsInSomeBlocksOfDeepSeek) {
  auto kinds = [](const std::string &more) {
    return kindsOf(importConfig(
        R"({"model_type": "deepseek_v2", "hidden_size": 8, "vocab_size": 5,
         "num_attention_heads": 2, "max_position_embeddings": 64,
         "intermediate_size": 7, "moe_intermediate_size": 3,
         "n_routed_experts": 4, "num_experts_per_tok": 2, )" +
        more + "}"));
  };
  EXPECT_EQ(kinds(R"("num_hidden_layers": 27, "first_k_dense_replace": 1)"),
            "1*m 26*x");
  EXPECT_EQ(kinds(R"("num_hidden_layers": 8, "first_k_dense_replace": 3,
                    "moe_layer_freq": 2)"),
            "4*m 2*xm");
  EXPECT_EQ(kinds(R"("num_hidden_layers": 7, "moe_layer_freq": 3)"),
            "2*xmm 1*x");
}

/// Nothing between the two: a spec, or a reason.
TEST(AllConfigs, AreReadOrRefused) {
  std::string folder = sharedModels("configs");
  if (!std::filesystem::exists(folder))
    GTEST_SKIP() << folder;
  for (const auto &entry : std::filesystem::directory_iterator(folder)) {
    if (!std::filesystem::exists(entry.path() / "config.json"))
      continue;
    llvm::Expected<spec::Spec> spec =
        importer::importModel(entry.path().string());
    if (spec)
      continue;
    std::string message = toString(spec.takeError());
    bool towers = message.find("has two towers") != std::string::npos;
    EXPECT_TRUE(towers || message.find("is not supported") != std::string::npos)
        << message;
  }
}

/// The table of the README names every family, and those that are refused.
TEST(Readme, NamesTheFamilies) {
  std::string readme = readFile(TC_SOURCE_DIR "/compiler/Import/README.md");
  for (const importer::Family &family : importer::families())
    EXPECT_NE(readme.find("| `" + family.modelType.str() + "` |"),
              std::string::npos)
        << family.modelType.str();
  for (const importer::Unsupported &family : importer::unsupportedFamilies())
    EXPECT_NE(readme.find("| `" + family.modelType.str() + "` | needs " +
                          family.missing.str() + " |"),
              std::string::npos)
        << family.modelType.str();
}

class Negative : public testing::TestWithParam<const char *> {};

TEST_P(Negative, IsRefusedByItsModelType) {
  std::string path = sharedModels("configs/") + GetParam();
  if (!std::filesystem::exists(path))
    GTEST_SKIP() << path;
  llvm::Expected<spec::Spec> spec = importer::importModel(path);
  ASSERT_FALSE(bool(spec));
  std::string message = toString(spec.takeError());
  EXPECT_NE(message.find("config.json: model_type: '"), std::string::npos)
      << message;
  EXPECT_NE(message.find("it needs "), std::string::npos) << message;
  EXPECT_NE(message.find("gpt2"), std::string::npos) << message;
}

INSTANTIATE_TEST_SUITE_P(Configs, Negative,
                         testing::Values("negative/mamba-130m-hf",
                                         "negative/resnet-50"));

struct Swin {
  const char *depths, *heads;
  int64_t width, parameters;
};

void PrintTo(const Swin &swin, std::ostream *os) { *os << swin.parameters; }

class Swins : public testing::TestWithParam<Swin> {};

/// Swin-T, -S and -B of ImageNet-1K.
TEST_P(Swins, HaveThePublishedNumberOfParameters) {
  spec::Spec spec = importConfig(
      std::string(R"({"model_type": "swin", "num_labels": 1000,)") +
      R"("architectures": ["SwinForImageClassification"],)" +
      R"("embed_dim": )" + std::to_string(GetParam().width) +
      R"(, "depths": )" + GetParam().depths + R"(, "num_heads": )" +
      GetParam().heads + "}");
  EXPECT_EQ(spec::countParameters(spec), GetParam().parameters);
  EXPECT_EQ(spec.outputDim, 1000);
  EXPECT_FALSE(spec.causal);
}

INSTANTIATE_TEST_SUITE_P(
    Configs, Swins,
    testing::Values(Swin{"[2, 2, 6, 2]", "[3, 6, 12, 24]", 96, 28288354},
                    Swin{"[2, 2, 18, 2]", "[3, 6, 12, 24]", 96, 49606258},
                    Swin{"[2, 2, 18, 2]", "[4, 8, 16, 32]", 128, 87768224}));

/// As published but for the one number that scales the similarity.
TEST(Towers, HaveTheirParts) {
  std::string path = sharedModels("configs/clip-vit-base-patch32");
  if (!std::filesystem::exists(path))
    GTEST_SKIP() << path;
  spec::Spec text = import(path, "text"), vision = import(path, "vision");
  EXPECT_EQ(spec::countParameters(text), 63165952 + 512 * 512);
  EXPECT_EQ(spec::countParameters(vision), 87456000 + 512 * 768);
  EXPECT_EQ(text.outputDim, 512);
  EXPECT_EQ(vision.outputDim, 512);
  auto refusal = [](const std::string &path, const char *tower) {
    llvm::Expected<spec::Spec> spec = importer::importModel(path, tower);
    return spec ? std::string() : toString(spec.takeError());
  };
  for (const char *tower : {"", "sound"})
    EXPECT_NE(refusal(path, tower).find("say --tower=text or --tower=vision"),
              std::string::npos);
  EXPECT_NE(refusal(sharedModels("configs/gpt2"), "text")
                .find("'gpt2' has one tower, --tower=text is for models of"),
            std::string::npos);
}

class Settings : public testing::Test {
protected:
  /// A small config with `more` in it.
  spec::Spec withType(const std::string &type, const std::string &more) {
    std::string groups = type == "llama" ? "" : R"("num_key_value_heads": 2,)";
    return importConfig(R"({"model_type": ")" + type + R"(",
      "hidden_size": 64, "intermediate_size": 100, "num_hidden_layers": 2,
      "num_attention_heads": 4, "vocab_size": 99, )" +
                        groups + R"("max_position_embeddings": 8192)" + more +
                        "}");
  }
};

TEST_F(Settings, OfMistral) {
  EXPECT_EQ(attentionOf(withType("mistral", "")).window, 4096);
  EXPECT_EQ(
      attentionOf(withType("mistral", R"(, "sliding_window": 77)")).window, 77);
  EXPECT_FALSE(
      attentionOf(withType("mistral", R"(, "sliding_window": null)")).window);
  EXPECT_FALSE(
      attentionOf(withType("mistral", R"(, "sliding_window": 8192)")).window);
  spec::Attention wide =
      attentionOf(withType("mistral", R"(, "head_dim": 32)"));
  EXPECT_EQ(wide.headDim, 32);
  EXPECT_EQ(wide.rotary->dim, 32);
  EXPECT_FALSE(wide.queryBias);
}

TEST_F(Settings, OfQwen) {
  spec::Attention qwen2 =
      attentionOf(withType("qwen2", R"(, "sliding_window": 100)"));
  EXPECT_TRUE(qwen2.queryBias && qwen2.keyBias && qwen2.valueBias);
  EXPECT_FALSE(qwen2.outputBias);
  EXPECT_FALSE(qwen2.window);
  EXPECT_FALSE(qwen2.qkNorm);
  EXPECT_EQ(attentionOf(withType("qwen2", R"(, "sliding_window": 100,
              "use_sliding_window": true, "max_window_layers": 0)"))
                .window,
            100);
  EXPECT_FALSE(attentionOf(withType("qwen2", R"(, "sliding_window": 100,
                 "use_sliding_window": true, "max_window_layers": 2)"))
                   .window);
  spec::Attention qwen3 =
      attentionOf(withType("qwen3", R"(, "rms_norm_eps": 1e-3)"));
  EXPECT_EQ(qwen3.headDim, 128);
  EXPECT_EQ(qwen3.qkNorm, spec::NormKind::Rms);
  EXPECT_EQ(qwen3.qkNormEps, 1e-3);
  EXPECT_FALSE(qwen3.queryBias);
  EXPECT_TRUE(
      attentionOf(withType("qwen3", R"(, "attention_bias": true)")).outputBias);
}

TEST_F(Settings, OfLlama) {
  spec::Spec plain = withType("llama", "");
  EXPECT_EQ(attentionOf(plain).rotary->theta, 10000.0);
  EXPECT_EQ(attentionOf(plain).rotary->layout, spec::RotaryLayout::Halves);
  EXPECT_EQ(attentionOf(plain).kvHeads, 4);
  EXPECT_EQ(
      attentionOf(withType("llama", R"(, "num_key_value_heads": 1)")).kvHeads,
      1);
  EXPECT_FALSE(find<spec::Logits>(plain.layers)->tied);
  spec::Spec biased =
      withType("llama", R"(, "attention_bias": true, "mlp_bias": true,
      "tie_word_embeddings": true, "hidden_act": "relu2",
      "rms_norm_eps": 0.25, "num_key_value_heads": null)");
  EXPECT_TRUE(attentionOf(biased).outputBias);
  EXPECT_EQ(attentionOf(biased).kvHeads, 4);
  EXPECT_TRUE(find<spec::Mlp>(biased.layers)->bias);
  EXPECT_EQ(find<spec::Mlp>(biased.layers)->act, spec::Activation::Relu2);
  EXPECT_EQ(find<spec::Norm>(biased.layers)->eps, 0.25);
  EXPECT_TRUE(find<spec::Logits>(biased.layers)->tied);
}

TEST_F(Settings, OfRope) {
  auto rotary = [&](const std::string &more) {
    return attentionOf(withType("llama", more)).rotary.value();
  };
  EXPECT_EQ(rotary(R"(, "rope_theta": 5e5)").theta, 5e5);
  EXPECT_EQ(rotary(R"(, "rope_parameters": {"rope_theta": 2e5,
                    "rope_type": "default"})")
                .theta,
            2e5);
  spec::Rotary linear =
      rotary(R"(, "rope_scaling": {"type": "linear", "factor": 3.5})");
  EXPECT_EQ(linear.scaling.kind, spec::RotaryScalingKind::Linear);
  EXPECT_EQ(linear.scaling.factor, 3.5);
  spec::Rotary llama3 = rotary(R"(, "rope_parameters": {"rope_theta": 1e6,
      "rope_type": "llama3", "factor": 32.0, "low_freq_factor": 1.5,
      "high_freq_factor": 4.5, "original_max_position_embeddings": 1000})");
  EXPECT_EQ(llama3.theta, 1e6);
  EXPECT_EQ(llama3.scaling.kind, spec::RotaryScalingKind::Llama3);
  EXPECT_EQ(llama3.scaling.lowFreqFactor, 1.5);
  EXPECT_EQ(llama3.scaling.highFreqFactor, 4.5);
  EXPECT_EQ(llama3.scaling.originalContext, 1000);
  spec::Rotary yarn = rotary(R"(, "rope_scaling": {"rope_type": "yarn",
      "factor": 4.0, "original_max_position_embeddings": 2048})");
  EXPECT_EQ(yarn.scaling.kind, spec::RotaryScalingKind::Yarn);
  EXPECT_EQ(yarn.scaling.betaFast, 32.0);
  EXPECT_EQ(yarn.scaling.attentionFactor, 0.0);
  EXPECT_NEAR(rotary(R"(, "rope_scaling": {"rope_type": "yarn", "factor": 40,
      "mscale": 1.0, "mscale_all_dim": 0.5})")
                  .scaling.attentionFactor,
              1.3688879454113936 / 1.1844439727056968, 1e-15);
  EXPECT_EQ(rotary(R"(, "partial_rotary_factor": 0.5)").dim, 8);
  EXPECT_EQ(rotary(R"(, "rope_scaling": {"type": "dynamic", "factor": 2})")
                .scaling.kind,
            spec::RotaryScalingKind::None);
  spec::Rotary longRope = rotary(R"(, "head_dim": 4,
      "original_max_position_embeddings": 2048, "rope_scaling": {
      "type": "longrope", "short_factor": [1, 1.5], "long_factor": [2, 40]})");
  EXPECT_EQ(longRope.scaling.kind, spec::RotaryScalingKind::LongRope);
  EXPECT_EQ(longRope.scaling.originalContext, 2048);
  EXPECT_EQ(longRope.scaling.factor, 4.0);
  EXPECT_EQ(longRope.scaling.shorter, (std::vector<double>{1, 1.5}));
  EXPECT_EQ(longRope.scaling.longer, (std::vector<double>{2, 40}));
}

TEST(Gpt2Settings, AreRead) {
  spec::Spec spec = importConfig(R"({"model_type": "gpt2", "n_embd": 48,
    "n_head": 3, "n_layer": 2, "n_positions": 20, "vocab_size": 30,
    "n_inner": 50, "activation_function": "relu", "scale_attn_weights": false,
    "layer_norm_epsilon": 0.5, "tie_word_embeddings": false})");
  EXPECT_EQ(find<spec::Mlp>(spec.layers)->hidden, 50);
  EXPECT_EQ(find<spec::Mlp>(spec.layers)->act, spec::Activation::Relu);
  EXPECT_EQ(attentionOf(spec).scale, 1.0);
  EXPECT_EQ(find<spec::Norm>(spec.layers)->eps, 0.5);
  EXPECT_FALSE(find<spec::Logits>(spec.layers)->tied);
}

} // namespace
