// What we can't do is named, with the path of the field in the config.
#include "test/Folder.h"
#include "test/Weights/GgufText.h"

#include "compiler/Import/Importer.h"

#include <gtest/gtest.h>

#include <random>

namespace {

struct Refusal {
  const char *config;  ///< in braces
  const char *message; ///< part of the error
};

void PrintTo(const Refusal &refusal, std::ostream *os) {
  *os << refusal.config;
}

std::string messageOf(const std::string &path) {
  llvm::Expected<spec::Spec> spec = importer::importModel(path);
  if (spec)
    return "no error";
  return toString(spec.takeError());
}

class Refusals : public testing::TestWithParam<Refusal> {};

TEST_P(Refusals, AreNamed) {
  Folder folder;
  folder.write("config.json", GetParam().config);
  std::string message = messageOf(folder.path());
  EXPECT_NE(message.find(GetParam().message), std::string::npos) << message;
  EXPECT_NE(message.find("config.json: "), std::string::npos) << message;
}

#define LLAMA                                                                  \
  R"({"hidden_size": 64, "intermediate_size": 100, "num_hidden_layers": 2,)"   \
  R"("num_attention_heads": 4, "vocab_size": 99, "model_type": "llama",)"      \
  R"("max_position_embeddings": 8192, )"
#define QWEN2                                                                  \
  R"({"hidden_size": 64, "intermediate_size": 100, "num_hidden_layers": 2,)"   \
  R"("num_attention_heads": 4, "vocab_size": 99, "model_type": "qwen2",)"      \
  R"("num_key_value_heads": 4, "max_position_embeddings": 8192, )"
#define BART                                                                    \
  R"({"model_type": "bart", "d_model": 64, "vocab_size": 99,)"                  \
  R"("max_position_embeddings": 99, "encoder_layers": 1,)"                      \
  R"("encoder_attention_heads": 4, "encoder_ffn_dim": 9, "decoder_layers": 1,)" \
  R"("decoder_attention_heads": 4, "decoder_ffn_dim": 9, )"
#define SWIN R"({"model_type": "swin", "depths": [2], "num_heads": [3], )"
#define CHATGLM                                                                \
  R"({"model_type": "chatglm", "hidden_size": 64, "num_layers": 2,)"           \
  R"("num_attention_heads": 4, "padded_vocab_size": 99, "seq_length": 64,)"    \
  R"("ffn_hidden_size": 100, )"
#define GPT2                                                                   \
  R"({"n_embd": 48, "n_head": 3, "n_layer": 2, "n_positions": 9,)"             \
  R"("vocab_size": 9, "model_type": "gpt2", )"

INSTANTIATE_TEST_SUITE_P(
    Files, Refusals,
    testing::Values(
        Refusal{"", "not JSON"}, Refusal{"{", "not JSON"},
        Refusal{"[]", "expected an object"},
        Refusal{"{}", "model_type: missing, expected one of"},
        Refusal{R"({"model_type": 3})", "model_type: expected a string"},
        Refusal{R"({"model_type": "qwen4"})",
                "model_type: 'qwen4' is not supported, nearest: qwen, qwen2"},
        Refusal{R"({"model_type": "llama", "model_type": "llama"})",
                "key 'model_type' occurs twice"}));

INSTANTIATE_TEST_SUITE_P(
    Fields, Refusals,
    testing::Values(
        Refusal{BART
                R"("decoder_attention_heads_": 1, "normalize_before": true})",
                "normalize_before: true is not supported, expected false"},
        Refusal{BART R"("architectures": ["BartForQuestionAnswering"]})",
                "architectures: 'BartForQuestionAnswering' is not supported"},
        Refusal{BART R"("decoder_start_token_id": 99})",
                "token 99 is outside the vocabulary of 99"},
        Refusal{R"({"model_type": "whisper", )"
                R"("architectures": ["WhisperForAudioClassification"]})",
                "architectures: 'WhisperForAudioClassification' is not "
                "supported"},
        Refusal{R"({"model_type": "marian", "d_model": 64})",
                "encoder_attention_heads: missing"},
        Refusal{R"({"model_type": "llama"})",
                "num_hidden_layers: missing, expected a positive integer"},
        Refusal{LLAMA R"("num_hidden_layers_": 1, "head_dim": "8"})",
                "head_dim: expected a positive integer"},
        Refusal{LLAMA R"("rms_norm_eps": -1})",
                "rms_norm_eps: expected a positive number"},
        Refusal{LLAMA R"("num_key_value_heads": 3})",
                "num_key_value_heads: 4 num_attention_heads cannot share 3"},
        Refusal{LLAMA R"("num_key_value_heads": 0})",
                "num_key_value_heads: expected a positive integer"},
        Refusal{LLAMA R"("num_key_value_heads": 1e99})",
                "num_key_value_heads: expected a positive integer"},
        Refusal{LLAMA R"("tie_word_embeddings": "yes"})",
                "tie_word_embeddings: expected true or false"},
        Refusal{LLAMA R"("head_dim": 7})",
                "head_dim: a rotated part of 7 is not even"},
        Refusal{R"({"hidden_size": 65, "intermediate_size": 100,
                 "num_hidden_layers": 2, "num_attention_heads": 4,
                 "vocab_size": 99, "model_type": "llama",
                 "max_position_embeddings": 8192})",
                "num_attention_heads: 4 heads do not divide hidden_size 65"},
        Refusal{GPT2 R"("n_head": 7, "n_head_": 1})", "occurs twice"},
        Refusal{R"({"n_embd": 48, "n_head": 5, "n_layer": 2, "n_positions": 9,
                 "vocab_size": 9, "model_type": "gpt2"})",
                "n_head: 5 heads do not divide n_embd 48"}));

INSTANTIATE_TEST_SUITE_P(
    Variants, Refusals,
    testing::Values(
        Refusal{LLAMA R"("hidden_act": "mish"})",
                "hidden_act: 'mish' is not supported, expected one of"},
        Refusal{LLAMA R"("rope_scaling": {"type": "stretched", "factor": 2}})",
                "rope_scaling.type: 'stretched' is not supported"},
        Refusal{LLAMA R"("rope_scaling": {"rope_type": "longrope"}})",
                "rope_scaling.short_factor: expected a list of positive"},
        Refusal{LLAMA R"("original_max_position_embeddings": 64,
                 "rope_scaling": {"rope_type": "longrope",
                 "short_factor": [1, 2], "long_factor": [1, 0]}})",
                "rope_scaling.long_factor: expected a list of positive"},
        Refusal{LLAMA R"("rope_scaling": {"rope_type": "llama3"}})",
                "rope_scaling.low_freq_factor: missing"},
        Refusal{LLAMA R"("rope_scaling": 3})",
                "rope_scaling: expected an object"},
        Refusal{LLAMA R"("rope_scaling": {"type": "linear", "factor": "x"}})",
                "rope_scaling.factor: expected a positive number"},
        Refusal{LLAMA R"("rope_parameters": {"full_attention": {}}})",
                "rope_parameters: another rotation"},
        Refusal{LLAMA R"("rope_interleaved": true})",
                "rope_interleaved: true is not supported"},
        Refusal{LLAMA R"("quantization_config": {"bits": 4}})",
                "quantization_config: a quantised checkpoint"},
        Refusal{LLAMA R"("architectures": ["LlamaForSequenceClassification"]})",
                "architectures: 'LlamaForSequenceClassification' is not"},
        Refusal{QWEN2 R"("use_sliding_window": true, "sliding_window": 10,
                 "max_window_layers": 1})",
                "max_window_layers: a window in some of 2 layers"},
        Refusal{QWEN2 R"("use_sliding_window": true, "sliding_window": 10,
                 "layer_types": ["full_attention", "sliding_attention"]})",
                "layer_types: a mixture"},
        Refusal{
            R"({"hidden_size": 64, "intermediate_size": 100, "vocab_size": 9,
                 "num_attention_heads": 4, "num_hidden_layers": 5000,
                 "model_type": "qwen3_moe", "num_key_value_heads": 4,
                 "max_position_embeddings": 64, "decoder_sparse_step": 2})",
            "num_hidden_layers: expected at most 4096"},
        Refusal{
            R"({"hidden_size": 64, "intermediate_size": 100, "vocab_size": 9,
                 "num_attention_heads": 4, "num_hidden_layers": 5,
                 "model_type": "qwen3_moe", "num_key_value_heads": 4,
                 "max_position_embeddings": 64, "mlp_only_layers": [1, -1]})",
            "mlp_only_layers: expected a list of integers of at least 0"},
        Refusal{GPT2 R"("scale_attn_by_inverse_layer_idx": true})",
                "scale_attn_by_inverse_layer_idx: true is not supported"},
        Refusal{GPT2 R"("add_cross_attention": true})",
                "add_cross_attention: true is not supported"}));

#define OTHER(type, more)                                                      \
  R"({"hidden_size": 64, "intermediate_size": 100, "num_hidden_layers": 2,)"   \
  R"("num_attention_heads": 4, "vocab_size": 99, "num_key_value_heads": 4,)"   \
  R"("max_position_embeddings": 64, "model_type": ")" type "\", " more "}"

INSTANTIATE_TEST_SUITE_P(
    VariantsOfOthers, Refusals,
    testing::Values(
        Refusal{OTHER("bloom",
                      R"("apply_residual_connection_post_layernorm": true)"),
                "apply_residual_connection_post_layernorm: true is not"},
        Refusal{OTHER("mpt", R"("d_model": 60, "n_heads": 6, "n_layers": 2)"),
                "n_heads: 6 is not supported, expected a power of two"},
        Refusal{OTHER("mpt", R"("d_model": 64, "n_heads": 4, "n_layers": 2,
                 "attn_config": {"alibi": false})"),
                "attn_config.alibi: false is not supported"},
        Refusal{OTHER("mpt", R"("d_model": 64, "n_heads": 4, "n_layers": 2,
                 "attn_config": {"clip_qkv": 6})"),
                "attn_config.clip_qkv: a limit"},
        Refusal{OTHER("falcon", R"("new_decoder_architecture": true,
                 "num_kv_heads": 3)"),
                "num_kv_heads: 4 num_attention_heads cannot share 3"},
        Refusal{OTHER("phi", R"("qk_layernorm": true)"),
                "qk_layernorm: true is not supported"},
        Refusal{OTHER("phi3", R"("rope_scaling": {"type": "su"})"),
                "original_max_position_embeddings: missing"},
        Refusal{OTHER("gemma2", R"("tie_word_embeddings": false)"),
                "tie_word_embeddings: false is not supported"},
        Refusal{OTHER("gemma3_text", R"("layer_types": ["full_attention"])"),
                "layer_types: expected one for each layer"},
        Refusal{OTHER("olmo", R"("clip_qkv": 8)"), "clip_qkv: a limit"},
        Refusal{R"({"model_type": "baichuan", "hidden_size": 5120,)"
                R"("intermediate_size": 100, "num_hidden_layers": 2,)"
                R"("num_attention_heads": 40, "vocab_size": 99,)"
                R"("max_position_embeddings": 64})",
                "hidden_size: 5120 is not supported"},
        Refusal{CHATGLM R"("position_encoding_2d": true})",
                "position_encoding_2d: true is not supported"},
        Refusal{CHATGLM R"("rmsnorm": false})",
                "rmsnorm: false is not supported"},
        Refusal{CHATGLM R"("pre_seq_len": 8})",
                "pre_seq_len: a trained prefix is not supported"},
        Refusal{CHATGLM R"("kv_channels": 6})",
                "kv_channels: a rotated half of 3 is not even"},
        Refusal{CHATGLM R"("multi_query_group_num": 3})",
                "multi_query_group_num: 4 num_attention_heads cannot share 3"},
        Refusal{CHATGLM R"("rope_ratio": 50})",
                "rope_ratio: another number than 1 is not supported"},
        Refusal{OTHER("opt", R"("ffn_dim": 9,
                 "layer_norm_elementwise_affine": false)"),
                "layer_norm_elementwise_affine: false is not supported"},
        Refusal{OTHER("bert", R"("position_embedding_type": "relative_key")"),
                "position_embedding_type: 'relative_key' is not supported"},
        Refusal{OTHER("bert", R"("architectures": ["BertForNothing"])"),
                "architectures: 'BertForNothing' is not supported"},
        Refusal{OTHER("albert", R"("num_hidden_groups": 2)"),
                "num_hidden_groups: 2 is not supported"},
        Refusal{SWIN R"("window_size": 5})",
                "window_size: 5 on a grid of 56 x 56 is not supported, "
                "expected a window that divides it"},
        Refusal{SWIN R"("image_size": 16, "window_size": 7})",
                "window_size: 7 on a grid of 4 x 4 is not supported, expected "
                "a window that is no larger"},
        Refusal{R"({"model_type": "swin", "depths": [2, 3],)"
                R"("num_heads": [3, 6]})",
                "depths: 3 blocks is not supported, expected an even number"},
        Refusal{R"({"model_type": "swin", "depths": [2, 2],)"
                R"("num_heads": [3]})",
                "depths: 2 stages with 1 num_heads is not supported, expected "
                "1 to 4 and as many"},
        Refusal{SWIN R"("use_absolute_embeddings": true})",
                "use_absolute_embeddings: true is not supported, expected "
                "false"},
        Refusal{OTHER("vit", R"("num_labels": 0)"),
                "num_labels: expected a positive integer"}));

TEST(Refusals, AllAtOnce) {
  Folder folder;
  folder.write("config.json", R"({"model_type": "gpt2", "n_head": -1,
               "n_layer": "two"})");
  std::string message = messageOf(folder.path());
  for (const char *key : {"n_embd", "n_head", "n_layer", "n_positions"})
    EXPECT_NE(message.find(key), std::string::npos) << message;
}

TEST(Refusals, DeepNesting) {
  Folder folder;
  folder.write("config.json", std::string(1000000, '['));
  EXPECT_NE(messageOf(folder.path()).find("nested deeper"), std::string::npos);
}

TEST(Refusals, DamagedConfigsNeverCrash) {
  Folder folder;
  const std::string whole = LLAMA R"("rope_scaling": {"rope_type": "llama3",
      "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
      "original_max_position_embeddings": 8192}, "layer_types": ["a", "b"]})";
  const std::string likely = "0123456789-.eE\"{}[],: ntf";
  std::mt19937 random(3);
  for (int round = 0; round < 3000; ++round) {
    std::string text = whole;
    for (unsigned i = 0; i <= random() % 3; ++i)
      text[random() % text.size()] =
          random() % 8 ? likely[random() % likely.size()] : char(random());
    folder.write("config.json", text);
    llvm::Expected<spec::Spec> spec = importer::importModel(folder.path());
    if (!spec)
      consumeError(spec.takeError());
  }
}

/// What a GGUF file of an architecture needs at least.
class SmallGguf {
public:
  explicit SmallGguf(std::string arch) : arch(std::move(arch)) {
    text.text("general.architecture", this->arch);
    number("context_length", 64).number("embedding_length", 8);
  }
  SmallGguf &complete() {
    return number("block_count", 1)
        .number("feed_forward_length", 12)
        .number("attention.head_count", 2)
        .number("attention.head_count_kv", 2)
        .real("attention.layer_norm_rms_epsilon", 1e-5f);
  }
  SmallGguf &number(const std::string &key, uint32_t value) {
    text.number(arch + "." + key, value);
    return *this;
  }
  SmallGguf &real(const std::string &key, float value) {
    text.key(arch + "." + key, 6, raw(value));
    return *this;
  }
  SmallGguf &flag(const std::string &key, bool value) {
    text.key(arch + "." + key, 7, raw(value));
    return *this;
  }
  SmallGguf &word(const std::string &key, const std::string &value) {
    text.text(arch + "." + key, value);
    return *this;
  }
  SmallGguf &tensor(const std::string &name, uint32_t type, uint64_t bytes) {
    text.tensor(name, {2}, type, std::string(bytes, '\0'));
    return *this;
  }
  std::string bytes() {
    text.tensor("token_embd.weight", {8, 5}, 0, std::string(160, '\0'));
    return text.bytes();
  }

private:
  std::string arch;
  GgufText text;
};

/// Metadata of GGUF files, with the key that is wrong.
TEST(Refusals, OfGguf) {
  auto file = [](const char *arch) { return SmallGguf(arch); };
  auto complete = [](const char *arch) { return SmallGguf(arch).complete(); };
  struct Wrong {
    std::string bytes, message;
  };
  const Wrong all[] = {
      {GgufText().bytes(), "general.architecture: missing"},
      {file("lama").bytes(),
       "general.architecture: 'lama' is not supported, nearest: llama"},
      {file("llama").bytes(), "llama.block_count: missing"},
      {file("llama").number("block_count", 1).bytes(),
       "llama.attention.head_count: missing"},
      {file("llama")
           .number("block_count", 2000000000)
           .number("attention.head_count", 2)
           .bytes(),
       "llama.block_count: 2000000000 blocks of 1 tensors"},
      {complete("qwen2").number("expert_count", 8).bytes(),
       "qwen2.expert_count: mixtures of experts are not supported"},
      {complete("qwen2moe").bytes(),
       "qwen2moe.expert_count: expected a mixture of experts"},
      {complete("llama").word("rope.scaling.type", "longrope").bytes(),
       "llama.rope.scaling.type: 'longrope' is not supported"},
      {file("llama")
           .number("block_count", 1)
           .word("attention.head_count", "two")
           .bytes(),
       "llama.attention.head_count: expected a number"},
      {complete("llama").real("attention.clamp_kqv", 8.5f).bytes(),
       "llama.attention.clamp_kqv: 8.5 is not supported, expected 0"},
      {complete("qwen3")
           .number("expert_count", 0)
           .real("expert_weights_scale", 2.5f)
           .bytes(),
       "qwen3.expert_weights_scale: 2.5 is not supported, expected 1"},
      {complete("olmo2").number("attention.sliding_window", 16).bytes(),
       "olmo2.attention.sliding_window: a window is not supported"},
      {complete("mpt").bytes(), "attn_config.alibi: false is not supported"},
      {complete("mpt").real("attention.max_alibi_bias", 16.0f).bytes(),
       "attn_config.alibi_bias_max: 16 is not supported"},
      {file("mpt")
           .number("block_count", 1)
           .number("attention.head_count", 2)
           .number("attention.head_count_kv", 1)
           .bytes(),
       "mpt.attention.head_count_kv: expected as many as attention.head_count"},
      {complete("mpt").tensor("blk.0.ffn_act.scales", 0, 8).bytes(),
       "tensors 'ffn_act.scales': an activation's scales are not supported"},
      {complete("bert").flag("attention.causal", true).bytes(),
       "bert.attention.causal: expected false"},
      {complete("bert").number("pooling_type", 4).bytes(),
       "bert.pooling_type: 4 is not supported, expected 0 (none), 1 (mean), 2 "
       "(first row), 3 (last row), or 4 with the tensors 'cls.weight' and "
       "'cls.output.weight'"},
      {complete("deepseek2")
           .number("expert_count", 4)
           .number("expert_gating_func", 3)
           .bytes(),
       "deepseek2.expert_gating_func: 3 is not supported"},
      {complete("minicpm").real("logit_scale", 0.0f).bytes(),
       "minicpm.logit_scale: expected a factor of up to embedding_length"},
      {complete("phi3").tensor("rope_factors_long.weight", 0, 8).bytes(),
       "no tensor 'rope_factors_short.weight'"},
      {complete("phi3").tensor("rope_factors_short.weight", 1, 4).bytes(),
       "tensor 'rope_factors_short.weight' has type F16, expected F32"},
  };
  Folder folder;
  for (const Wrong &wrong : all) {
    std::string message = messageOf(folder.write("m.gguf", wrong.bytes));
    EXPECT_NE(message.find("m.gguf: " + wrong.message), std::string::npos)
        << message << "\nrather than\n"
        << wrong.message;
  }
}

TEST(Refusals, FoldersAndFiles) {
  Folder folder;
  EXPECT_NE(messageOf(folder.path()).find("without config.json"),
            std::string::npos);
  EXPECT_NE(messageOf(folder.path("nothing.bin")).find("nothing.bin: "),
            std::string::npos);
  folder.write("config.json", LLAMA R"("rope_theta": 1e4})");
  folder.write("pytorch_model.bin", "PK\3\4");
  EXPECT_NE(messageOf(folder.path()).find("there is only pytorch_model.bin"),
            std::string::npos);
  EXPECT_NE(messageOf(folder.path("pytorch_model.bin")).find("PyTorch pickle"),
            std::string::npos);
  EXPECT_TRUE(importer::isImportable(folder.path()));
  EXPECT_TRUE(importer::isImportable(folder.path("config.json")));
  EXPECT_TRUE(importer::isImportable("x.bin"));
  EXPECT_FALSE(importer::isImportable("x.yaml"));
}

} // namespace
