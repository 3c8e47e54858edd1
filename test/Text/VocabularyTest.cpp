// The texts that llama.cpp tests its tokenizers with, and the ids it expects.
#include "TextTest.h"

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

void compare(const std::string &tokenizer, const std::string &vocabulary) {
  std::vector<std::string> texts = splitTexts(
      readFile(shared("gguf-vocab/ggml-vocab-" + vocabulary + ".gguf.inp")));
  std::vector<Ids> expected = splitIds(
      readFile(shared("gguf-vocab/ggml-vocab-" + vocabulary + ".gguf.out")));
  OPEN_SHARED(tokenizer);
  ASSERT_GE(texts.size(), 40u);
  ASSERT_EQ(texts.size(), expected.size());
  for (size_t i = 0; i < texts.size(); ++i) {
    EXPECT_EQ(tok->encode(texts[i]), expected[i]) << '"' << texts[i] << '"';
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
