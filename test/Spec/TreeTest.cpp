// What is not in the YAML subset, and input that means harm.
#include "ParseText.h"

#include <chrono>

using namespace std::string_literals;

namespace {

std::string times(const std::string &text, int count) {
  std::string all;
  for (int i = 0; i != count; ++i)
    all += text;
  return all;
}

TEST(Tree, EmptyFile) { expectErrors("", {"1:1: the spec is empty"}); }

TEST(Tree, OnlyComments) {
  expectErrors("# nothing\n# here\n", {"1:1: the spec is empty"});
}

TEST(Tree, TabIndentation) {
  expectErrors("model: m\nlayers:\n\t- embed\n",
               {"3:1: tab in the indentation; use spaces"});
}

TEST(Tree, TabsElsewhere) {
  parseGood("model:\tm\ndim: 8\n# note\tb\ncontext: 4\nvocab: 5\n"
            "layers: [embed,\tlogits]\n");
}

TEST(Tree, UnclosedBracket) {
  expectErrors("model: m\nlayers: [embed, norm\n",
               {"2:21: not YAML: could not find closing ]"});
}

TEST(Tree, BinaryJunk) {
  expectErrors("\x7f"
               "ELF\x02\x01\x01"s,
               {"1:1: control character 0x7f in the text"});
  expectErrors("model: m\0"s, {"1:9: control character 0x0 in the text"});
}

TEST(Tree, ByteOrderMark) {
  parseGood("\xef\xbb\xbf" + tokens("  - embed\n  - logits\n"));
}

TEST(Tree, InvalidUtf8) {
  expectErrors("model: m\xff\n", {"1:9: byte 0xff is not UTF-8"});
  expectErrors("# \xc3", {"1:3: byte 0xc3 is not UTF-8"});
  expectErrors("# \xed\xa0\x80\n", {"1:3: byte 0xed is not UTF-8"});
}

TEST(Tree, RepeatedKeys) {
  expectErrors("model: m\ndim: 8\ndim: 8\n",
               {"3:1: 'dim' is said twice; first in line 2"});
}

TEST(Tree, LeftOut) {
  expectErrors("a: &a [x, x]\nb: [*a, *a]\n",
               {"1:4: anchors are not part of the language; use 'define'"});
  expectErrors("a: [ *b ]\n",
               {"1:6: aliases are not part of the language; repeat the value "
                "or use 'define'"});
  expectErrors("a: !!int 5\n", {"1:4: tags are not part of the language"});
  expectErrors("a:\n  <<: 3\n",
               {"2:3: merge keys are not part of the language"});
  expectErrors("a: |\n  text\n",
               {"1:1: block scalars are not part of the language"});
  expectErrors("? [a]\n: b\n", {"1:4: a key must be a word"});
  expectErrors("a: 1\n---\nb: 2\n", {"3:1: a spec is one document"});
}

TEST(Tree, EmptyItems) {
  expectErrors(tokens("  - embed\n  -\n  - norm\n"),
               {"8:3: the item before this one is empty"});
  expectErrors(tokens("  - embed\n  -\n"),
               {"6:3: expected a layer, found nothing"});
}

TEST(Tree, NotAMap) {
  expectErrors("[a]\n",
               {"1:1: a spec is a map that starts with 'model: NAME', not a "
                "list"});
  expectErrors("gpt2\n",
               {"1:1: a spec is a map that starts with 'model: NAME', not "
                "'gpt2'"});
}

/// The stream's own places are past the bracket, or the next token.
TEST(Tree, PlacesOfCollectionsAndNothing) {
  expectErrors(
      "model: [ a ]\ndim:   { b: 1 }\ncontext:\nvocab: [one,\n [two]]\n"
      "layers: [embed]\n",
      {"1:8: 'model' takes a name of at most 64 letters, digits and "
       "underscores, a letter first, not a list",
       "2:8: 'dim' takes a whole number, not a map",
       "3:1: 'context' takes a whole number, not nothing",
       "5:2: 'vocab' takes a list of words, not a list"});
}

TEST(Tree, DeepNesting) {
  const std::string message = "lists and maps are nested more than 64 deep";
  for (const std::string &text :
       {times("[", 10000), times("[", 10000) + times("]", 10000),
        times("- ", 10000), "a: " + times("{a: ", 10000),
        times("[", 1000000)}) {
    Parsed parsed = parse(text);
    ASSERT_EQ(parsed.errors.size(), 1u);
    EXPECT_NE(parsed.errors[0].find(message), std::string::npos)
        << parsed.errors[0];
  }
  expectErrors(times("? ", 10000), {"1:3: a key must be a word"});
}

TEST(Tree, AliasBomb) {
  std::string text = "a: &a [x, x]\n";
  for (char c = 'b'; c <= 'z'; ++c)
    text += std::string(1, c) + ": &" + c + " [*" + char(c - 1) + ", *" +
            char(c - 1) + "]\n";
  expectErrors(text,
               {"1:4: anchors are not part of the language; use 'define'"});
}

TEST(Tree, HugeFile) {
  expectErrors(std::string(64 << 20, '\n'),
               {"1:1: the file has 67108864 bytes; a spec has at most "
                "1048576"});
}

TEST(Tree, ManyLayers) {
  expectErrors(tokens("  - embed\n" + times("  - norm\n", 100000)),
               {"10006:5: the model has more than 10000 layers; use 'repeat'"});
}

TEST(Tree, DefinitionBomb) {
  std::string text = "model: m\ndim: 8\ncontext: 4\nvocab: 5\ndefine:\n";
  for (int i = 0; i != 20; ++i)
    text += "  a" + std::to_string(i) + ": [a" + std::to_string(i + 1) + ", a" +
            std::to_string(i + 1) + "]\n";
  text += "  a20: [norm]\nlayers: [embed, a0, logits]\n";
  Parsed parsed = parse(text);
  ASSERT_FALSE(parsed.spec);
  EXPECT_NE(parsed.all().find("more than 10000 layers"), std::string::npos)
      << parsed.all();
}

TEST(Tree, ChainOfDefinitions) {
  std::string text = "model: m\ndim: 8\ncontext: 4\nvocab: 5\ndefine:\n";
  for (int i = 0; i != 20000; ++i)
    text += "  a" + std::to_string(i) + ": [a" + std::to_string(i + 1) + "]\n";
  text += "  a20000: [norm]\nlayers: [embed, a0, logits]\n";
  expectErrors(text, {"28:9: layers are nested more than 24 deep"});
}

TEST(Tree, ErrorsAreCounted) {
  std::string text = tokens("  - embed\n" + times("  - nrm\n", 2000));
  Parsed parsed = parse(text);
  ASSERT_EQ(parsed.errors.size(), 51u);
  EXPECT_EQ(parsed.errors[0], "7:5: unknown layer 'nrm'; did you mean 'norm'?");
  EXPECT_NE(parsed.errors[50].find("the first 50 are shown"),
            std::string::npos);
}

/// Whatever a file is cut to or has in one place, there is a spec or an error.
TEST(Tree, Mutilated) {
  std::string whole = readFile(TC_SOURCE_DIR "/test/Spec/data/gpt2.yaml");
  for (size_t i = 0; i != whole.size(); ++i) {
    std::vector<std::string> texts = {whole.substr(0, i), whole.substr(i)};
    for (char c : std::string("[]{}\"',:-#&*!|\n\t \xff"))
      texts.push_back(std::string(whole).replace(i, 1, 1, c));
    texts.push_back(std::string(whole).replace(i, 1, "[[[[ b["));
    for (const std::string &text : texts) {
      Parsed parsed = parse(text);
      EXPECT_EQ(parsed.spec.has_value(), parsed.errors.empty()) << text;
    }
  }
}

/// The line and the caret, as a user sees them.
TEST(Tree, Caret) {
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(
      llvm::MemoryBuffer::getMemBufferCopy(
          tokens("  - embed\n  - attention: {heads: 2, kv_head: 1}\n"),
          "test.yaml"),
      llvm::SMLoc());
  testing::internal::CaptureStderr();
  EXPECT_FALSE(spec::parseSpec(sources));
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "test.yaml:7:27: error: unknown field 'kv_head' of 'attention'; "
            "did you mean 'kv_heads'?\n"
            "  - attention: {heads: 2, kv_head: 1}\n"
            "                          ^\n");
}

} // namespace
