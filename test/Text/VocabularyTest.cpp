// The texts that llama.cpp tests its tokenizers with, and the ids it expects.
#include "TextTest.h"

#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

#include <sstream>

using namespace text_test;

namespace {

std::vector<std::string> splitTexts(const std::string &all) {
  const std::string mark = "\n__ggml_vocab_test__\n";
  std::vector<std::string> texts;
  size_t begin = 0;
  for (size_t end; (end = all.find(mark, begin)) != std::string::npos;
       begin = end + mark.size())
    texts.push_back(all.substr(begin, end - begin));
  return texts;
}

std::vector<Ids> splitIds(const std::string &all) {
  std::vector<Ids> lines;
  std::istringstream in(all);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    lines.emplace_back(std::istream_iterator<int32_t>(words),
                       std::istream_iterator<int32_t>());
  }
  return lines;
}

void compare(const std::string &tokenizer, const std::string &vocabulary,
             bool roundTrip = true) {
  std::vector<std::string> texts = splitTexts(
      readFile(shared("gguf-vocab/ggml-vocab-" + vocabulary + ".gguf.inp")));
  std::vector<Ids> expected = splitIds(
      readFile(shared("gguf-vocab/ggml-vocab-" + vocabulary + ".gguf.out")));
  OPEN_SHARED(tokenizer);
  ASSERT_GE(texts.size(), 40u);
  ASSERT_EQ(texts.size(), expected.size());
  for (size_t i = 0; i < texts.size(); ++i) {
    EXPECT_EQ(tok->encode(texts[i]), expected[i]) << '"' << texts[i] << '"';
    if (roundTrip)
      EXPECT_EQ(tok->decode(tok->encode(texts[i])), texts[i]);
  }
}

TEST(Vocabulary, Gpt2) { compare("tokenizers/gpt2/encoder.json", "gpt-2"); }

TEST(Vocabulary, Gpt2Gguf) {
  compare("gguf-vocab/ggml-vocab-gpt-2.gguf", "gpt-2");
}

TEST(Vocabulary, LlamaGguf) {
  compare("gguf-vocab/ggml-vocab-llama-spm.gguf", "llama-spm");
}

TEST(Vocabulary, BertGguf) {
  compare("gguf-vocab/ggml-vocab-bert-bge.gguf", "bert-bge",
          /*roundTrip=*/false);
}

/// BERT's vocabulary in a tokenizer.json gives the same ids, [CLS] and [SEP]
/// around them, and text again.
TEST(Vocabulary, BertJson) {
  std::string path = shared("tokenizers/bert-uncased/vocab.txt");
  if (!isThere(path))
    GTEST_SKIP() << path;
  llvm::json::Object vocab;
  std::istringstream lines(readFile(path));
  for (std::string line; std::getline(lines, line);)
    vocab[line] = int64_t(vocab.size());
  llvm::json::Object file{
      {"model", llvm::json::Object{{"type", "WordPiece"},
                                   {"unk_token", "[UNK]"},
                                   {"continuing_subword_prefix", "##"},
                                   {"max_input_chars_per_word", 100},
                                   {"vocab", std::move(vocab)}}},
      {"normalizer", llvm::json::Object{{"type", "BertNormalizer"},
                                        {"clean_text", true},
                                        {"handle_chinese_chars", true},
                                        {"strip_accents", nullptr},
                                        {"lowercase", true}}},
      {"pre_tokenizer", llvm::json::Object{{"type", "BertPreTokenizer"}}},
      {"decoder", llvm::json::Object{{"type", "WordPiece"}}},
      {"post_processor",
       llvm::json::Object{{"type", "BertProcessing"},
                          {"sep", llvm::json::Array{"[SEP]", 102}},
                          {"cls", llvm::json::Array{"[CLS]", 101}}}}};
  std::string text;
  llvm::raw_string_ostream(text) << llvm::json::Value(std::move(file));
  auto tok = openBlob(convertText(text));
  ASSERT_TRUE(tok);
  std::vector<std::string> texts =
      splitTexts(readFile(shared("gguf-vocab/ggml-vocab-bert-bge.gguf.inp")));
  std::vector<Ids> expected =
      splitIds(readFile(shared("gguf-vocab/ggml-vocab-bert-bge.gguf.out")));
  ASSERT_EQ(texts.size(), expected.size());
  for (size_t i = 0; i < texts.size(); ++i)
    EXPECT_EQ(tok->encode(texts[i]), expected[i]) << '"' << texts[i] << '"';
  EXPECT_EQ(tok->encode("Hello Wörld", true), (Ids{101, 7592, 2088, 102}));
  EXPECT_EQ(tok->decode({7592, 2088, 2545}), "hello worlders");
}

TEST(Vocabulary, LlamaSentencePiece) {
  compare("tokenizers/llama2-32k/tokenizer.model", "llama-spm");
}

TEST(Vocabulary, LlamaBin) {
  compare("tokenizers/llama2-32k/tokenizer.bin", "llama-spm");
}

/// llama2.c's file was made from SentencePiece's.
TEST(Vocabulary, LlamaFilesAgree) {
  OPEN_SHARED("tokenizers/llama2-32k/tokenizer.model");
  auto bin = openFile(shared("tokenizers/llama2-32k/tokenizer.bin"));
  ASSERT_TRUE(bin);
  std::istringstream lines(readFile(shared("text/tinyshakespeare.txt")));
  for (std::string line; std::getline(lines, line);)
    ASSERT_EQ(tok->encode(line, true), bin->encode(line, true)) << line;
}

} // namespace
