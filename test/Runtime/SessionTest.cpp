// Cuts, batches, rewinds and forks give the same values; wrong calls change
// nothing.
#include "SessionFixture.h"

#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace {

struct SessionTest : SessionFixture {};

TEST_F(SessionTest, predictsFromThePositionsBefore) {
  auto tokens = someTokens(FAKE_CONTEXT);
  EXPECT_EQ(append(session(), tokens), expectedRow(tokens, FAKE_CONTEXT - 1));
}

TEST_F(SessionTest, anyCutGivesTheSame) {
  auto tokens = someTokens(FAKE_CONTEXT);
  std::mt19937 random(3);
  for (int run = 0; run < 100; ++run) {
    tc_session *one = session();
    for (size_t at = 0; at < tokens.size();) {
      size_t now = std::min<size_t>(1 + random() % 20, tokens.size() - at);
      Row row = append(one, {tokens.begin() + at, tokens.begin() + at + now});
      at += now;
      EXPECT_EQ(row, expectedRow(tokens, at - 1));
      EXPECT_EQ(tc_session_length(one), at);
    }
  }
}

TEST_F(SessionTest, givesTheRowsOfAllTokens) {
  auto tokens = someTokens(FAKE_CONTEXT);
  rows.resize(tokens.size() * FAKE_VOCAB);
  tc_entry entry = {session(),   tokens.data(), tokens.size(), TC_WANT_ALL,
                    rows.data(), nullptr,       nullptr,       nullptr};
  int steps = fake_steps();
  ASSERT_EQ(tc_engine_step(engine, &entry, 1), TC_OK);
  EXPECT_EQ(fake_steps() - steps,
            (FAKE_CONTEXT + FAKE_MAX_OUTPUTS - 1) / FAKE_MAX_OUTPUTS);
  for (size_t i = 0; i < tokens.size(); ++i)
    EXPECT_EQ(rowAt(i), expectedRow(tokens, i));
}

TEST_F(SessionTest, usesAsFewStepsAsThereIsRoomFor) {
  auto tokens = someTokens(3 * FAKE_MAX_ROWS);
  int steps = fake_steps();
  append(session(), tokens);
  EXPECT_EQ(fake_steps() - steps, 3);
  std::vector<tc_entry> entries;
  for (int i = 0; i < FAKE_MAX_ROWS; ++i)
    entries.push_back({session(), tokens.data(), 1, TC_WANT_NONE, nullptr,
                       nullptr, nullptr, nullptr});
  steps = fake_steps();
  ASSERT_EQ(tc_engine_step(engine, entries.data(), entries.size()), TC_OK);
  EXPECT_EQ(fake_steps() - steps, 1);
}

// Random sets of sessions, lengths and wishes, outputs scattered or packed,
// against one session at a time.
TEST_F(SessionTest, batchesGiveTheSame) {
  std::mt19937 random(5);
  for (int run = 0; run < 200; ++run) {
    size_t count = 1 + random() % 9;
    std::vector<std::vector<int32_t>> tokens;
    std::vector<tc_session *> held;
    std::vector<tc_entry> entries;
    rows.assign(count * FAKE_CONTEXT * FAKE_VOCAB, -1);
    bool scattered = random() % 2;
    size_t packed = 0;
    for (size_t i = 0; i < count; ++i) {
      size_t before = random() % 15, now = 1 + random() % 25;
      tokens.push_back(someTokens(before + now, random()));
      tc_session *one = session();
      held.push_back(one);
      if (before)
        tc_session_append(one, tokens[i].data(), before, nullptr);
      auto want = (tc_want)(random() % 3);
      size_t place = scattered ? i * FAKE_CONTEXT : packed;
      packed += want == TC_WANT_ALL ? now : want == TC_WANT_LAST;
      entries.push_back({one, tokens[i].data() + before, now, want,
                         want ? &rows[place * FAKE_VOCAB] : nullptr, nullptr,
                         nullptr, nullptr});
    }
    ASSERT_EQ(tc_engine_step(engine, entries.data(), count), TC_OK);
    for (size_t i = 0; i < count; ++i) {
      size_t length = tokens[i].size(), now = entries[i].count;
      EXPECT_EQ(tc_session_length(held[i]), length);
      size_t place = entries[i].output
                         ? (entries[i].output - rows.data()) / FAKE_VOCAB
                         : 0;
      if (entries[i].want == TC_WANT_LAST)
        EXPECT_EQ(rowAt(place), expectedRow(tokens[i], length - 1));
      for (size_t j = 0; j < now && entries[i].want == TC_WANT_ALL; ++j)
        EXPECT_EQ(rowAt(place + j), expectedRow(tokens[i], length - now + j));
    }
    for (tc_session *one : sessions)
      tc_session_destroy(one);
    sessions.clear();
  }
}

TEST_F(SessionTest, threadsGiveTheSame) {
  auto tokens = someTokens(FAKE_CONTEXT);
  for (int threads : {2, 7}) {
    stop();
    start(fake_language_model, threads);
    EXPECT_EQ(append(session(), tokens),
              expectedRow(tokens, tokens.size() - 1));
  }
}

TEST_F(SessionTest, takesTheCallersParallelLoops) {
  static int calls;
  calls = 0;
  tc_engine_options options = {};
  options.parallel_for = [](void *pool, size_t n,
                            void (*body)(void *, size_t, size_t), void *state) {
    ++calls;
    EXPECT_EQ(pool, &calls);
    for (size_t i = n; i-- > 0;)
      body(state, i, i + 1);
  };
  options.pool = &calls;
  tc_engine *own;
  tc_session *one;
  ASSERT_EQ(
      tc_engine_create(&fake_language_model, weights, &options, &own, nullptr),
      TC_OK);
  ASSERT_EQ(tc_session_create(own, &one), TC_OK);
  auto tokens = someTokens(9);
  EXPECT_EQ(append(one, tokens), expectedRow(tokens, 8));
  EXPECT_EQ(calls, 2);
  tc_session_destroy(one);
  tc_engine_destroy(own);
}

TEST_F(SessionTest, rewindsAndForks) {
  auto tokens = someTokens(20);
  tc_session *one = session(), *other = nullptr;
  append(one, tokens);
  EXPECT_EQ(tc_session_rewind(one, 21), TC_BAD_ARGUMENT);
  ASSERT_EQ(tc_session_rewind(one, 10), TC_OK);
  EXPECT_EQ(tc_session_length(one), 10u);
  ASSERT_EQ(tc_session_fork(one, &other), TC_OK);
  sessions.push_back(other);
  tokens.resize(10);
  auto left = tokens, right = tokens;
  left.push_back(7);
  right.push_back(9);
  EXPECT_EQ(append(one, {7}), expectedRow(left, 10));
  EXPECT_EQ(append(other, {9}), expectedRow(right, 10));
}

TEST_F(SessionTest, wrongTokensChangeNothing) {
  auto tokens = someTokens(5);
  tc_session *good = session(), *bad = session();
  rows.assign(2 * FAKE_VOCAB, 42);
  for (int32_t wrong : {-1, int(FAKE_VOCAB), INT32_MAX, INT32_MIN}) {
    std::vector<int32_t> broken = {1, 2, wrong};
    tc_entry entries[] = {{good, tokens.data(), 5, TC_WANT_LAST, &rows[0],
                           nullptr, nullptr, nullptr},
                          {bad, broken.data(), 3, TC_WANT_LAST,
                           &rows[FAKE_VOCAB], nullptr, nullptr, nullptr}};
    EXPECT_EQ(tc_engine_step(engine, entries, 2), TC_BAD_TOKEN);
  }
  EXPECT_EQ(tc_session_length(good), 0u);
  EXPECT_EQ(rows, Row(2 * FAKE_VOCAB, 42));
  EXPECT_EQ(append(good, tokens), expectedRow(tokens, 4));
}

TEST_F(SessionTest, aFullContextChangesNothing) {
  auto tokens = someTokens(FAKE_CONTEXT + 1);
  tc_session *one = session();
  EXPECT_EQ(tc_session_append(one, tokens.data(), tokens.size(), nullptr),
            TC_CONTEXT_FULL);
  EXPECT_EQ(tc_session_length(one), 0u);
  tokens.pop_back();
  EXPECT_EQ(append(one, tokens), expectedRow(tokens, FAKE_CONTEXT - 1));
  EXPECT_EQ(tc_session_append(one, tokens.data(), 1, nullptr), TC_CONTEXT_FULL);
  EXPECT_EQ(tc_session_append(one, tokens.data(), SIZE_MAX, nullptr),
            TC_CONTEXT_FULL);
  EXPECT_EQ(tc_session_length(one), (size_t)FAKE_CONTEXT);
  ASSERT_EQ(tc_session_rewind(one, FAKE_CONTEXT - 1), TC_OK);
  EXPECT_EQ(append(one, {tokens.back()}),
            expectedRow(tokens, FAKE_CONTEXT - 1));
}

TEST_F(SessionTest, refusesWrongArguments) {
  auto tokens = someTokens(3);
  tc_session *one = session();
  float row[FAKE_VOCAB];
  const tc_entry wrong[] = {
      {nullptr, tokens.data(), 3, TC_WANT_NONE, nullptr, nullptr, nullptr,
       nullptr},
      {one, nullptr, 3, TC_WANT_NONE, nullptr, nullptr, nullptr, nullptr},
      {one, tokens.data(), 0, TC_WANT_LAST, row, nullptr, nullptr, nullptr},
      {one, tokens.data(), 3, TC_WANT_LAST, nullptr, nullptr, nullptr, nullptr},
      {one, tokens.data(), 3, TC_WANT_ALL, nullptr, nullptr, nullptr, nullptr},
      {one, tokens.data(), 3, (tc_want)9, row, nullptr, nullptr, nullptr},
      {one, (const int32_t *)((const char *)tokens.data() + 1), 2, TC_WANT_NONE,
       nullptr, nullptr, nullptr, nullptr},
      {one, tokens.data(), 3, TC_WANT_LAST, (float *)((char *)row + 2), nullptr,
       nullptr, nullptr},
      {one, tokens.data(), 3, TC_WANT_LAST, row, row, nullptr, nullptr},
      {one, nullptr, 3, TC_WANT_LAST, row, row, nullptr, nullptr}};
  for (const tc_entry &entry : wrong)
    EXPECT_EQ(tc_engine_step(engine, &entry, 1), TC_BAD_ARGUMENT);
  EXPECT_EQ(tc_engine_step(engine, nullptr, 1), TC_BAD_ARGUMENT);
  EXPECT_EQ(tc_engine_step(nullptr, wrong, 1), TC_BAD_ARGUMENT);
  EXPECT_EQ(tc_engine_step(engine, nullptr, 0), TC_OK);
  EXPECT_EQ(tc_engine_run(engine, row, 1, row), TC_BAD_ARGUMENT);
  EXPECT_EQ(tc_session_append(nullptr, tokens.data(), 3, row), TC_BAD_ARGUMENT);
  EXPECT_EQ(tc_session_rewind(nullptr, 0), TC_BAD_ARGUMENT);
  EXPECT_EQ(tc_session_create(engine, nullptr), TC_BAD_ARGUMENT);
  EXPECT_EQ(tc_session_length(one), 0u);
  // Sessions belong to their engine.
  tc_engine *other;
  ASSERT_EQ(
      tc_engine_create(&fake_language_model, weights, nullptr, &other, nullptr),
      TC_OK);
  tc_entry entry = {one,     tokens.data(), 3,       TC_WANT_NONE,
                    nullptr, nullptr,       nullptr, nullptr};
  EXPECT_EQ(tc_engine_step(other, &entry, 1), TC_BAD_ARGUMENT);
  tc_engine_destroy(other);
}

TEST_F(SessionTest, oneSessionTwiceInACallIsBusy) {
  auto tokens = someTokens(3);
  tc_session *one = session(), *two = session();
  tc_entry entries[] = {
      {two, tokens.data(), 3, TC_WANT_NONE, nullptr, nullptr, nullptr, nullptr},
      {one, tokens.data(), 3, TC_WANT_NONE, nullptr, nullptr, nullptr, nullptr},
      {one, tokens.data(), 3, TC_WANT_NONE, nullptr, nullptr, nullptr,
       nullptr}};
  EXPECT_EQ(tc_engine_step(engine, entries, 3), TC_BUSY);
  EXPECT_EQ(tc_engine_step(engine, entries, 2), TC_OK);
}

/// Waits inside a step until it is told to go on.
std::atomic<int> inside, goOn;
void waitingStep(const tc_step *step) {
  inside = 1;
  while (!goOn)
    std::this_thread::yield();
  fake_language_model.step(step);
}

TEST_F(SessionTest, oneSessionOnTwoThreadsIsBusy) {
  tc_model model = fake_language_model;
  model.step = waitingStep;
  inside = goOn = 0;
  stop();
  start(model, 1);
  tc_session *one = session(), *fork = nullptr;
  auto tokens = someTokens(3);
  std::thread other([&] { append(one, tokens); });
  while (!inside)
    std::this_thread::yield();
  EXPECT_EQ(tc_session_append(one, tokens.data(), 1, nullptr), TC_BUSY);
  EXPECT_EQ(tc_session_rewind(one, 0), TC_BUSY);
  EXPECT_EQ(tc_session_fork(one, &fork), TC_BUSY);
  goOn = 1;
  other.join();
  EXPECT_EQ(tc_session_length(one), 3u);
  EXPECT_EQ(tc_session_append(one, tokens.data(), 1, nullptr), TC_OK);
  // The engine must not outlive the model's copy above.
  stop();
  start(fake_language_model, 1);
}

TEST_F(SessionTest, twoSessionsOnTwoThreadsWork) {
  stop();
  start(fake_language_model, 2);
  auto work = [&](tc_session *one, unsigned seed) {
    for (int run = 0; run < 200; ++run) {
      auto tokens = someTokens(FAKE_CONTEXT, seed + run);
      ASSERT_EQ(tc_session_rewind(one, 0), TC_OK);
      Row row = append(one, {tokens.begin(), tokens.begin() + 30});
      ASSERT_EQ(row, expectedRow(tokens, 29));
      for (int i = 30; i < FAKE_CONTEXT; ++i)
        ASSERT_EQ(append(one, {tokens[i]}), expectedRow(tokens, i));
    }
  };
  tc_session *one = session(), *two = session();
  std::thread other(work, one, 1);
  work(two, 1000);
  other.join();
}

TEST_F(SessionTest, worksInAForkedProcess) {
  stop();
  start(fake_language_model, 2);
  tc_session *one = session();
  auto tokens = someTokens(20);
  append(one, {tokens.begin(), tokens.begin() + 10});
  pid_t child = fork();
  if (child == 0) {
    Row row = append(one, {tokens.begin() + 10, tokens.end()});
    bool same = row == expectedRow(tokens, 19);
    stop();
    _exit(same ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(append(one, {tokens.begin() + 10, tokens.end()}),
            expectedRow(tokens, 19));
}

/* ---- Engines ------------------------------------------------------------- */

TEST_F(SessionTest, refusesWrongEngines) {
  tc_engine *made = nullptr;
  tc_error error = {};
  for (int threads : {0, -1, 5000}) {
    tc_engine_options options = {};
    options.threads = threads;
    EXPECT_EQ(tc_engine_create(&fake_language_model, weights, &options, &made,
                               &error),
              TC_BAD_ARGUMENT);
    EXPECT_NE(std::string(error.text).find("threads"), std::string::npos);
  }
  tc_model model = fake_language_model;
  model.layout_hash = 1;
  EXPECT_EQ(tc_engine_create(&model, weights, nullptr, &made, &error),
            TC_OTHER_MODEL);
  for (uint32_t tc_model::*size : {&tc_model::max_rows, &tc_model::max_outputs,
                                   &tc_model::tile_rows, &tc_model::vocab}) {
    model = fake_language_model;
    model.*size = 0;
    EXPECT_EQ(tc_engine_create(&model, weights, nullptr, &made, &error),
              TC_BAD_OBJECT);
  }
  model = fake_language_model;
  model.scratch_bytes = UINT64_MAX / 4;
  EXPECT_EQ(tc_engine_create(&model, weights, nullptr, &made, &error),
            TC_NO_MEMORY);
  EXPECT_EQ(made, nullptr);
  tc_engine_destroy(nullptr);
  tc_session_destroy(nullptr);
}

} // namespace
