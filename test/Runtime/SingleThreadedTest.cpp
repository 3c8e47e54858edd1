// The runtime built without threads.
#include "FakeWeights.h"

#include "runtime/session.h"

#include <gtest/gtest.h>

TEST(SingleThreaded, runsAlone) {
  TemporaryFolder folder;
  writeFile(folder / "weights", fakeFile());
  tc_engine *engine = nullptr;
  tc_error error;
  EXPECT_EQ(tc_engine_open(&fake_language_model, (folder / "weights").c_str(),
                           2, &engine, &error),
            TC_NO_THREADS);
  ASSERT_EQ(tc_engine_open(&fake_language_model, (folder / "weights").c_str(),
                           1, &engine, &error),
            TC_OK)
      << error.text;
  tc_session *session;
  ASSERT_EQ(tc_session_create(engine, &session), TC_OK);
  const int32_t tokens[] = {3, 4};
  float row[FAKE_VOCAB];
  ASSERT_EQ(tc_session_append(session, tokens, 2, row), TC_OK);
  EXPECT_EQ(row[0], 1 + fakeWeight(3) + fakeWeight(4));
  tc_session_destroy(session);
  tc_engine_destroy(engine);
}

TEST(SingleThreaded, hasAPoolOfOne) {
  tc_pool *pool = nullptr;
  EXPECT_EQ(tc_pool_create(0, TC_PIN_NONE, &pool), TC_BAD_ARGUMENT);
  ASSERT_EQ(tc_pool_create(1, TC_PIN_NONE, &pool), TC_OK);
  EXPECT_EQ(tc_pool_threads(pool), 1);
  size_t done = 0;
  tc_pool_run(
      pool, 10,
      [](void *state, size_t begin, size_t end) {
        *static_cast<size_t *>(state) += end - begin;
      },
      &done);
  EXPECT_EQ(done, 10u);
  tc_pool_destroy(pool);
}
