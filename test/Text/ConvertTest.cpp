// Files that are no tokenizers, or none that can be kept to, are refused by
// name; tokenizers are found by a fixed order.
#include "TextTest.h"

using namespace text_test;

namespace {

std::string errorOf(llvm::Expected<std::string> blob) {
  return blob ? "no error" : llvm::toString(blob.takeError());
}

/// Without the path in front.
std::string errorIn(const std::string &content) {
  std::string error = errorOf(convertText(content));
  size_t colon = error.find(": ");
  return colon == std::string::npos ? error : error.substr(colon + 2);
}

std::string withModel(const std::string &members) {
  return R"({"model": {)" + members + "}}";
}

TEST(Convert, FilesOfNoKnownFormat) {
  EXPECT_EQ(errorIn(""), "the file is empty");
  EXPECT_EQ(errorIn("hello"), "not a tokenizer of a known format");
  EXPECT_EQ(errorIn(std::string("\0\0\0\0", 4)),
            "not a tokenizer of a known format");
  EXPECT_EQ(errorIn("GGUF\3\0\0\0"), "truncated in the header, after 5 bytes");
  EXPECT_EQ(errorIn("IQ== 0\nIg== 1\n"),
            "a tiktoken vocabulary, which is not supported; use the "
            "tokenizer.json of the same model");
  EXPECT_EQ(errorIn("\n\x05"), "not a SentencePiece model, or cut short");
  EXPECT_EQ(errorIn("#version: 0.2\na b\n"),
            "the vocabulary (vocab.json or encoder.json) beside it is missing");
  EXPECT_EQ(
      errorIn(R"({"a": 0})"),
      "the list of merges (merges.txt or vocab.bpe) beside it is missing");
  EXPECT_NE(
      errorOf(text::convertTokenizer("/no/such/file")).find("No such file"),
      std::string::npos);
}

TEST(Convert, TokenizerJsonThatIsBroken) {
  std::string nested = R"({"model": {"vocab": )" + std::string(1000000, '[');
  EXPECT_EQ(errorIn(nested), "nested deeper than 64 levels");
  EXPECT_EQ(errorIn(R"({"model": {"vocab": )").substr(0, 8), "not JSON");
  EXPECT_EQ(errorIn(R"({"model": null, "vocab": 4})"),
            "expected an object with a 'model'");
  EXPECT_EQ(errorIn(withModel(R"("type": "BPE", "vocab": [], "merges": [])")),
            "the tokenizer model has no object 'vocab'");
  EXPECT_EQ(errorIn(withModel(R"("type": "BPE", "vocab": {})")),
            "the tokenizer model has no list 'merges'");
  EXPECT_EQ(errorIn(withModel(R"("vocab": {"a": "b"}, "merges": [])")),
            "token 'a' has no whole number for an id");
  EXPECT_EQ(errorIn(withModel(R"("vocab": {"a": -1}, "merges": [])")),
            "token 'a' has id -1, expected 0 to 4194303");
  EXPECT_EQ(errorIn(withModel(R"("vocab": {"a": 1e9}, "merges": [])")),
            "token 'a' has id 1000000000, expected 0 to 4194303");
  EXPECT_EQ(errorIn(withModel(R"("vocab": {"a": 1, "b": 1}, "merges": [])")),
            "id 1 is given to 'a' and to 'b'");
}

TEST(Convert, MergesOfAbsentTokens) {
  const std::string vocab = R"("vocab": {"a": 0, "b": 1, "ab": 2}, "merges": )";
  EXPECT_EQ(errorIn(withModel(vocab + R"(["a c"])")),
            "merge 'a c' needs token 'c', which is not in the vocabulary");
  EXPECT_EQ(errorIn(withModel(vocab + R"(["ab a"])")),
            "merge 'ab a' needs token 'aba', which is not in the vocabulary");
  EXPECT_EQ(errorIn(withModel(vocab + R"(["ab"])")),
            "merge 'ab' is not two tokens with a space between");
  EXPECT_EQ(errorIn(withModel(vocab + R"([["a"]])")),
            "a merge is not a pair of tokens");
  EXPECT_EQ(errorIn(withModel(vocab + R"([7])")),
            "a merge is not a pair of tokens");
}

TEST(Convert, AddedTokensOutOfRange) {
  auto added = [](const std::string &token) {
    return R"({"model": {"vocab": {"a": 0}, "merges": []},
      "added_tokens": [)" +
           token + "]}";
  };
  EXPECT_EQ(errorIn(added(R"({"id": -5, "content": "<x>"})")),
            "token '<x>' has id -5, expected 0 to 4194303");
  EXPECT_EQ(errorIn(added(R"({"id": 99999999, "content": "<x>"})")),
            "token '<x>' has id 99999999, expected 0 to 4194303");
  EXPECT_EQ(errorIn(added(R"({"id": 1, "content": ""})")),
            "the added token with id 1 is empty");
  EXPECT_EQ(errorIn(added(R"({"id": 1})")),
            "an added token has no id or no content");
  EXPECT_EQ(errorIn(added(R"({"id": 1, "content": "x", "single_word": true})")),
            "added token 'x' with single_word is not supported");
  Directory directory;
  std::string path = directory.write("tokenizer.json",
                                     added(R"({"id": 8, "content": "<x>"})"));
  EXPECT_EQ(errorOf(text::convertTokenizer(path, 8)),
            path + ": token '<x>' has id 8, the model has 8 ids");
  EXPECT_EQ(errorOf(text::convertTokenizer(path, 9)), "no error");
}

TEST(Convert, WhatIsNotSupportedIsNamed) {
  auto part = [](const std::string &members) {
    return R"({"model": {"vocab": {"a": 0}, "merges": []}, )" + members + "}";
  };
  EXPECT_EQ(errorIn(withModel(R"("type": "WordLevel", "vocab": {})")),
            "tokenizer model WordLevel is not supported, expected BPE, "
            "WordPiece or Unigram");
  EXPECT_EQ(errorIn(withModel(R"("vocab": {})")),
            "tokenizer model without type is not supported, expected BPE, "
            "WordPiece or Unigram");
  EXPECT_EQ(errorIn(withModel(
                R"("vocab": {}, "merges": [], "end_of_word_suffix": "</w>")")),
            "end_of_word_suffix '</w>' is not supported");
  EXPECT_EQ(errorIn(part(R"("normalizer": {"type": "Lowercase"})")),
            "normalizer Lowercase is not supported");
  EXPECT_EQ(errorIn(part(R"("normalizer": {})")),
            "normalizer needs an object with a type");
  EXPECT_EQ(errorIn(part(R"("pre_tokenizer": {"type": "Whitespace"})")),
            "pre_tokenizer Whitespace is not supported");
  EXPECT_EQ(errorIn(part(R"("pre_tokenizer": {"type": "Split", "pattern":
              {"Regex": "\\w+"}, "behavior": "Isolated"})")),
            "pre_tokenizer Split by '\\w+' is not supported");
  EXPECT_EQ(errorIn(part(R"("decoder": {"type": "CTC"})")),
            "decoder CTC is not supported");
  EXPECT_EQ(errorIn(part(R"("post_processor": {"type": "BertProcessing"})")),
            "post_processor BertProcessing has no pair 'cls'");
}

/// llama2.c's format: score, length, text.
std::string piece(const std::string &text) {
  std::string bytes(8, '\0');
  uint32_t size = text.size();
  std::memcpy(bytes.data() + 4, &size, 4);
  return bytes + text;
}

TEST(Convert, AbsurdPieces) {
  const std::string pieces = piece("<unk>") + piece("<s>") + piece("</s>");
  EXPECT_EQ(errorIn(std::string("\xFF\xFF\0\0", 4) + pieces +
                    piece(std::string(40000, 'a'))),
            "piece 3 has 40000 bytes, expected at most 512");
}

/// Only the value tells a vocabulary with a token "model" from a tokenizer.
TEST(Convert, VocabularyOfTheWordModel) {
  Directory directory;
  directory.write("merges.txt", "#version: 0.2\r\n\r\n");
  auto tok = openFile(
      directory.write("vocab.json", R"({"model": 1, "vocab": 0, "m": 2})"));
  ASSERT_TRUE(tok);
  EXPECT_EQ(tok->encode("m"), Ids{2});
}

/// Whatever is done to a file, there is an answer.
TEST(Convert, DamagedFiles) {
  for (const char *name :
       {"llama2c/tok512.bin", "tokenizers/llama2-32k/tokenizer.model",
        TC_SOURCE_DIR "/examples/scripture/tokenizer.json"}) {
    std::string content = readFile(name[0] == '/' ? name : shared(name));
    for (uint32_t i = 1; i <= 40 && !content.empty(); ++i) {
      std::string damaged = content;
      uint32_t random = i * 2654435761u;
      for (int n = 0; n < 3; ++n, random = random * 1664525 + 1013904223)
        damaged[random % (n ? damaged.size() : 100)] ^= 1 << random / 65536 % 8;
      if (i % 4 == 0)
        damaged.resize(random % damaged.size());
      llvm::Expected<std::string> blob = convertText(damaged);
      if (blob)
        EXPECT_EQ(Opened(*blob).status, TC_TEXT_OK);
      else
        llvm::consumeError(blob.takeError());
    }
  }
}

TEST(Find, OrderOfNames) {
  Directory directory;
  const std::string model = directory.write("model.safetensors", "");
  EXPECT_EQ(text::findTokenizer(directory.path.string()), std::nullopt);
  EXPECT_EQ(errorOf(text::convertTokenizer(directory.path.string())),
            directory.path.string() + ": no tokenizer in this directory");
  directory.write("vocab.json", "");
  EXPECT_EQ(text::findTokenizer(model), std::nullopt);
  /// From the last in the order to the first.
  std::string expected = directory.write("tok512.bin", "");
  EXPECT_EQ(text::findTokenizer(model), expected);
  directory.write("tok105.bin", "");
  EXPECT_EQ(text::findTokenizer(model), std::nullopt);
  directory.write("merges.txt", "");
  EXPECT_EQ(text::findTokenizer(model), directory.at("vocab.json"));
  for (const char *name :
       {"tokenizer.bin", "tokenizer.model", "tokenizer.json"}) {
    expected = directory.write(name, "");
    EXPECT_EQ(text::findTokenizer(model), expected);
    EXPECT_EQ(text::findTokenizer(directory.path.string()), expected);
  }
}

} // namespace
