// Perplexity against its definition, over rows that a session gives one by one.
#include "FakeWeights.h"

#include "runtime/program/predict.h"

#include <gtest/gtest.h>

#include <cmath>

namespace {

struct PredictTest : testing::Test {
  std::string file = fakeFile();
  TemporaryFolder folder;
  tc_engine *engine = nullptr;

  void open(const tc_model &model) {
    writeFile(folder / "weights", file);
    tc_error error;
    ASSERT_EQ(tc_engine_open(&model, (folder / "weights").c_str(), 1, &engine,
                             &error),
              TC_OK)
        << error.text;
  }
  ~PredictTest() override { tc_engine_destroy(engine); }

  long double lossOf(const std::vector<int32_t> &tokens, size_t begin,
                     size_t end) {
    long double loss = 0;
    tc_session *session = nullptr;
    EXPECT_EQ(tc_session_create(engine, &session), TC_OK);
    for (size_t i = begin; i + 1 < end; ++i) {
      float row[FAKE_VOCAB];
      EXPECT_EQ(tc_session_append(session, &tokens[i], 1, row), TC_OK);
      long double sum = 0;
      for (float score : row)
        sum += std::exp((long double)score - row[tokens[i + 1]]);
      loss += std::log(sum);
    }
    tc_session_destroy(session);
    return loss;
  }
};

TEST_F(PredictTest, isTheMeanOverChunksAsLongAsTheContext) {
  open(fake_language_model);
  for (size_t count : {2, 3, 39, 40, 41, 42, 97, 200}) {
    std::vector<int32_t> tokens(count);
    for (size_t i = 0; i < count; ++i)
      tokens[i] = int32_t(i * 29 % FAKE_VOCAB);
    long double loss = 0;
    size_t predicted = 0;
    for (size_t begin = 0; begin < count; begin += FAKE_CONTEXT) {
      size_t end = std::min<size_t>(count, begin + FAKE_CONTEXT);
      loss += lossOf(tokens, begin, end);
      predicted += end - begin - 1;
    }
    tc_prediction prediction;
    ASSERT_EQ(tc_engine_predict(engine, tokens.data(), count, &prediction),
              TC_OK);
    EXPECT_EQ(prediction.tokens, predicted);
    double mean = double(loss / predicted);
    EXPECT_NEAR(prediction.loss, mean, 1e-9 * mean);
    EXPECT_NEAR(std::log(prediction.perplexity), mean, 1e-9 * mean);
  }
}

TEST_F(PredictTest, refusesOtherModelsAndTokens) {
  open(fake_language_model);
  tc_prediction prediction;
  const int32_t bad[] = {1, FAKE_VOCAB};
  EXPECT_EQ(tc_engine_predict(engine, bad, 2, &prediction), TC_BAD_TOKEN);
  tc_engine_destroy(engine);
  open(fake_encoder_model);
  EXPECT_EQ(tc_engine_predict(engine, bad, 1, &prediction), TC_BAD_ARGUMENT);
}

} // namespace
