// Texts in and out of a made program, with the tokenizer of stories260K.
#include "ProgramRun.h"

#include "compiler/Text/Convert.h"

#include <filesystem>

namespace {

struct GenerateTest : ProgramRun {
  void SetUp() override {
    const char *path = TC_SHARED_DIR "/models/llama2c/tok512.bin";
    if (!std::filesystem::exists(path))
      GTEST_SKIP() << path << " is absent";
    auto blob = text::convertTokenizer(path, FAKE_TEXT_VOCAB);
    ASSERT_TRUE(bool(blob)) << toString(blob.takeError());
    writeFile(folder / "weights", fakeFile(nullptr, *blob));
  }
  /// Through a file, so that a prompt may hold any byte but zero.
  Outcome prompt(const std::string &text, const std::string &options) {
    writeFile(folder / "prompt", text);
    return run("text", options + " -- \"$(cat prompt)\"");
  }
};

TEST_F(GenerateTest, printsThePromptAndWhatFollows) {
  Outcome outcome = prompt("Once upon a time", "-n 10");
  EXPECT_EQ(outcome.code, 0) << outcome.errors;
  EXPECT_EQ(outcome.output.rfind("Once upon a time", 0), 0u);
  EXPECT_GT(outcome.output.size(), 20u);
  EXPECT_EQ(outcome.output.back(), '\n');
  EXPECT_NE(outcome.errors.find("10 tokens, "), std::string::npos);
}

TEST_F(GenerateTest, seedAndOptionsDecide) {
  std::string first = prompt("Once", "-n 20 --seed 7").output;
  EXPECT_EQ(prompt("Once", "-n 20 --seed 7 --threads 3").output, first);
  EXPECT_NE(prompt("Once", "-n 20 --seed 8").output, first);
  std::string greedy = prompt("Once", "-n 20 --temperature 0").output;
  EXPECT_EQ(prompt("Once", "-n 20 --top-k 1 --seed 5").output, greedy);
  EXPECT_EQ(prompt("Once", "-n 20 --top-p 0 --seed 6").output, greedy);
}

TEST_F(GenerateTest, takesAnyPrompt) {
  for (const char *text :
       {"", " ", "   ", "\xff\xfe", "\xc3", "gr\xc3\xbc\xc3\x9f", "a\tb\nc",
        "\xf0\x9f\x98\x80", "<s>", "--help"}) {
    Outcome outcome = prompt(text, "-n 3");
    EXPECT_EQ(outcome.code, 0) << text << ": " << outcome.errors;
    EXPECT_EQ(outcome.output.rfind(text, 0), 0u) << outcome.output;
  }
}

TEST_F(GenerateTest, refusesAPromptBeyondTheContext) {
  expectFails(prompt(std::string(100000, 'x'), ""), 1,
              "more than the context of 40");
}

TEST_F(GenerateTest, commandsAndPromptsAreToldApart) {
  EXPECT_EQ(run("text", "generate info -n 1").output.rfind("info", 0), 0u);
  EXPECT_EQ(run("text", "-n 1 -- info").output.rfind("info", 0), 0u);
  EXPECT_NE(run("text", "info").output.find("with a tokenizer"),
            std::string::npos);
}

TEST_F(GenerateTest, measuresPerplexity) {
  writeFile(folder / "text", "Once upon a time there was a little boat.");
  Outcome outcome = run("text", "perplexity --text text");
  EXPECT_EQ(outcome.code, 0) << outcome.errors;
  EXPECT_EQ(outcome.output.rfind("perplexity ", 0), 0u) << outcome.output;
  EXPECT_NE(outcome.output.find(" tokens predicted"), std::string::npos);
  Outcome json = run("text", "perplexity --text text --json --threads 2");
  EXPECT_EQ(json.output.rfind("{\"perplexity\": ", 0), 0u) << json.output;
  writeFile(folder / "text", "");
  expectFails(run("text", "perplexity --text text"), 1, "predicts nothing");
  expectFails(run("text", "perplexity --text no"), 1, "no: No such file");
  expectFails(run("text", "perplexity --text ."), 1, ".: ");
}

TEST_F(GenerateTest, refusesATokenizerThatIsDamaged) {
  writeFile(folder / "weights", fakeFile(nullptr, "not a tokenizer"));
  expectFails(prompt("Once", ""), 1, "tokenizer: ");
}

} // namespace
