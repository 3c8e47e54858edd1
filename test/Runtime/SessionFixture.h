// Engines and sessions of the fake models, for tests of what they compute.
#ifndef TEST_RUNTIME_SESSIONFIXTURE_H
#define TEST_RUNTIME_SESSIONFIXTURE_H

#include "FakeWeights.h"

#include "runtime/session.h"

#include <gtest/gtest.h>

#include <random>

using Row = std::vector<float>;

/// The row of position `last` by the definition in FakeModel.h.
inline Row expectedRow(const std::vector<int32_t> &tokens, size_t last) {
  Row row(FAKE_VOCAB);
  for (int j = 0; j < FAKE_VOCAB; ++j) {
    row[j] = (float)last;
    for (size_t q = 0; q <= last; ++q)
      row[j] += fakeWeight((tokens[q] + j) % FAKE_WEIGHTS);
  }
  return row;
}

inline std::vector<int32_t> someTokens(size_t count, unsigned seed = 1) {
  std::mt19937 random(seed);
  std::vector<int32_t> tokens(count);
  for (int32_t &token : tokens)
    token = random() % FAKE_VOCAB;
  return tokens;
}

struct SessionFixture : testing::Test {
  tc_weights *weights = nullptr;
  tc_engine *engine = nullptr;
  std::vector<tc_session *> sessions;
  std::vector<float> rows;
  int violations = fake_violations();

  SessionFixture() { start(fake_language_model, 1); }
  ~SessionFixture() override {
    stop();
    EXPECT_EQ(fake_violations(), violations) << "tc_step was not as promised";
  }
  void start(const tc_model &model, int threads) {
    static const std::string file = fakeFile();
    alignas(TC_ALIGN) static char contents[8192];
    file.copy(contents, file.size());
    tc_error error;
    ASSERT_EQ(tc_weights_wrap(&model, contents, file.size(), TC_CHECK_DATA,
                              &weights, &error),
              TC_OK)
        << error.text;
    tc_engine_options options = {};
    options.threads = threads;
    ASSERT_EQ(tc_engine_create(&model, weights, &options, &engine, &error),
              TC_OK)
        << error.text;
  }
  void stop() {
    for (tc_session *session : sessions)
      tc_session_destroy(session);
    sessions.clear();
    tc_engine_destroy(engine);
    tc_weights_close(weights);
  }
  tc_session *session() {
    tc_session *made = nullptr;
    EXPECT_EQ(tc_session_create(engine, &made), TC_OK);
    sessions.push_back(made);
    return made;
  }
  Row append(tc_session *session, const std::vector<int32_t> &tokens) {
    Row row(FAKE_VOCAB);
    EXPECT_EQ(
        tc_session_append(session, tokens.data(), tokens.size(), row.data()),
        TC_OK);
    return row;
  }
  Row rowAt(size_t index) {
    return Row(rows.begin() + index * FAKE_VOCAB,
               rows.begin() + (index + 1) * FAKE_VOCAB);
  }
};

#endif // TEST_RUNTIME_SESSIONFIXTURE_H
