// Cuts, batches, rewinds and forks give the same values; wrong calls change
// nothing.
#include "FakeWeights.h"

#include "runtime/session.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace {

using Row = std::vector<float>;

/// The row of position `last` by the definition in FakeModel.h.
Row expectedRow(const std::vector<int32_t> &tokens, size_t last) {
  Row row(FAKE_VOCAB);
  for (int j = 0; j < FAKE_VOCAB; ++j) {
    row[j] = (float)last;
    for (size_t q = 0; q <= last; ++q)
      row[j] += fakeWeight((tokens[q] + j) % FAKE_WEIGHTS);
  }
  return row;
}

std::vector<int32_t> someTokens(size_t count, unsigned seed = 1) {
  std::mt19937 random(seed);
  std::vector<int32_t> tokens(count);
  for (int32_t &token : tokens)
    token = random() % FAKE_VOCAB;
  return tokens;
}

struct SessionTest : testing::Test {
  tc_weights *weights = nullptr;
  tc_engine *engine = nullptr;
  std::vector<tc_session *> sessions;
  std::vector<float> rows;
  int violations = fake_violations();

  SessionTest() { start(fake_language_model, 1); }
  ~SessionTest() override {
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
                    rows.data(), nullptr,       nullptr};
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
    entries.push_back(
        {session(), tokens.data(), 1, TC_WANT_NONE, nullptr, nullptr, nullptr});
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
                         nullptr});
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
    tc_entry entries[] = {
        {good, tokens.data(), 5, TC_WANT_LAST, &rows[0], nullptr, nullptr},
        {bad, broken.data(), 3, TC_WANT_LAST, &rows[FAKE_VOCAB], nullptr,
         nullptr}};
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
      {nullptr, tokens.data(), 3, TC_WANT_NONE, nullptr, nullptr, nullptr},
      {one, nullptr, 3, TC_WANT_NONE, nullptr, nullptr, nullptr},
      {one, tokens.data(), 0, TC_WANT_LAST, row, nullptr, nullptr},
      {one, tokens.data(), 3, TC_WANT_LAST, nullptr, nullptr, nullptr},
      {one, tokens.data(), 3, TC_WANT_ALL, nullptr, nullptr, nullptr},
      {one, tokens.data(), 3, (tc_want)9, row, nullptr, nullptr},
      {one, (const int32_t *)((const char *)tokens.data() + 1), 2, TC_WANT_NONE,
       nullptr, nullptr, nullptr},
      {one, tokens.data(), 3, TC_WANT_LAST, (float *)((char *)row + 2), nullptr,
       nullptr},
      {one, tokens.data(), 3, TC_WANT_LAST, row, row, nullptr},
      {one, nullptr, 3, TC_WANT_LAST, row, row, nullptr}};
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
  tc_entry entry = {one,     tokens.data(), 3,      TC_WANT_NONE,
                    nullptr, nullptr,       nullptr};
  EXPECT_EQ(tc_engine_step(other, &entry, 1), TC_BAD_ARGUMENT);
  tc_engine_destroy(other);
}

TEST_F(SessionTest, oneSessionTwiceInACallIsBusy) {
  auto tokens = someTokens(3);
  tc_session *one = session(), *two = session();
  tc_entry entries[] = {
      {two, tokens.data(), 3, TC_WANT_NONE, nullptr, nullptr, nullptr},
      {one, tokens.data(), 3, TC_WANT_NONE, nullptr, nullptr, nullptr},
      {one, tokens.data(), 3, TC_WANT_NONE, nullptr, nullptr, nullptr}};
  EXPECT_EQ(tc_engine_step(engine, entries, 3), TC_BUSY);
  EXPECT_EQ(tc_engine_step(engine, entries, 2), TC_OK);
}

/// How many rows each row of the last step was to see.
std::vector<int32_t> limits;
void seeingStep(const tc_step *step) {
  limits.assign(step->limits, step->limits + step->rows);
  fake_language_model.step(step);
}

TEST_F(SessionTest, tokensOfAPrefixSeeEachOther) {
  tc_model model = fake_language_model;
  model.step = seeingStep;
  model.causal = TC_PREFIX;
  stop();
  start(model, 1);
  auto tokens = someTokens(6);
  tc_session *one = session(), *fork = nullptr;
  EXPECT_EQ(tc_session_set_prefix(one, model.max_rows + 1), TC_TOO_LONG);
  ASSERT_EQ(tc_session_set_prefix(one, 3), TC_OK);
  EXPECT_EQ(tc_session_append(one, tokens.data(), 2, nullptr), TC_BAD_ARGUMENT);
  EXPECT_EQ(tc_session_length(one), 0u);
  ASSERT_EQ(tc_session_append(one, tokens.data(), 5, nullptr), TC_OK);
  EXPECT_EQ(limits, (std::vector<int32_t>{3, 3, 3, 4, 5}));
  ASSERT_EQ(tc_session_append(one, tokens.data() + 5, 1, nullptr), TC_OK);
  EXPECT_EQ(limits, std::vector<int32_t>{6});
  EXPECT_EQ(tc_session_set_prefix(one, 2), TC_BAD_ARGUMENT);
  EXPECT_EQ(tc_session_rewind(one, 2), TC_BAD_ARGUMENT);
  ASSERT_EQ(tc_session_rewind(one, 3), TC_OK);
  ASSERT_EQ(tc_session_rewind(one, 0), TC_OK);
  ASSERT_EQ(tc_session_fork(one, &fork), TC_OK);
  ASSERT_EQ(tc_session_append(fork, tokens.data(), 3, nullptr), TC_OK);
  EXPECT_EQ(limits, (std::vector<int32_t>{3, 3, 3}));
  tc_session_destroy(fork);
  // The engine must not outlive the model's copy above.
  stop();
  start(fake_language_model, 1);
  EXPECT_EQ(tc_session_set_prefix(session(), 1), TC_BAD_ARGUMENT);
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

/* ---- Models without sessions --------------------------------------------- */

TEST_F(SessionTest, runsImages) {
  for (int threads : {1, 3}) {
    stop();
    start(fake_image_model, threads);
    for (size_t count : {1, 2, 3, 7}) {
      std::vector<float> input(count * 18), output(count * 5, -1);
      for (size_t i = 0; i < input.size(); ++i)
        input[i] = (float)(i * i % 17);
      ASSERT_EQ(tc_engine_run(engine, input.data(), count, output.data()),
                TC_OK);
      for (size_t i = 0; i < count; ++i) {
        float sum = 0;
        for (size_t j = 0; j < 18; ++j)
          sum += input[i * 18 + j];
        for (int j = 0; j < 5; ++j)
          EXPECT_EQ(output[i * 5 + j], sum / 18 + fakeWeight(j));
      }
    }
  }
  float value = 0;
  EXPECT_EQ(tc_engine_run(engine, nullptr, 1, &value), TC_BAD_ARGUMENT);
  EXPECT_EQ(tc_engine_run(engine, &value, 0, &value), TC_BAD_ARGUMENT);
  tc_session *one = nullptr;
  EXPECT_EQ(tc_session_create(engine, &one), TC_BAD_ARGUMENT);
}

TEST_F(SessionTest, takesSequencesOfAnEncoderWhole) {
  stop();
  start(fake_encoder_model, 1);
  std::mt19937 random(9);
  for (int run = 0; run < 50; ++run) {
    size_t count = 1 + random() % 8, place = 0;
    std::vector<std::vector<int32_t>> tokens;
    std::vector<tc_entry> entries;
    std::vector<float> output(count * 12 * 3);
    for (size_t i = 0; i < count; ++i)
      tokens.push_back(someTokens(1 + random() % 12, random()));
    for (size_t i = 0; i < count; ++i) {
      entries.push_back({nullptr, tokens[i].data(), tokens[i].size(),
                         TC_WANT_ALL, &output[place * 3], nullptr, nullptr});
      place += tokens[i].size();
    }
    ASSERT_EQ(tc_engine_step(engine, entries.data(), count), TC_OK);
    for (size_t i = 0; i < count; ++i) {
      float sum = 0;
      for (int32_t token : tokens[i])
        sum += fakeWeight(token);
      for (size_t j = 0; j < tokens[i].size(); ++j) {
        EXPECT_EQ(entries[i].output[3 * j], fakeWeight(tokens[i][j]));
        EXPECT_EQ(entries[i].output[3 * j + 1], sum);
        EXPECT_EQ(entries[i].output[3 * j + 2], (float)j);
      }
    }
  }
  auto tokens = someTokens(13);
  tc_entry entry = {nullptr, tokens.data(), 13,     TC_WANT_NONE,
                    nullptr, nullptr,       nullptr};
  EXPECT_EQ(tc_engine_step(engine, &entry, 1), TC_CONTEXT_FULL);
}

TEST_F(SessionTest, refusesASequenceThatCannotBeWhole) {
  stop();
  tc_model model = fake_encoder_model;
  model.context = 100;
  start(model, 1);
  auto tokens = someTokens(13);
  tc_entry entry = {nullptr, tokens.data(), 13,     TC_WANT_NONE,
                    nullptr, nullptr,       nullptr};
  EXPECT_EQ(tc_engine_step(engine, &entry, 1), TC_TOO_LONG);
  stop();
  start(fake_language_model, 1);
}

/* ---- Rows of reals ------------------------------------------------------- */

std::vector<float> someRows(size_t count, unsigned seed = 1) {
  std::mt19937 random(seed);
  std::vector<float> rows(count * FAKE_ROW);
  for (float &value : rows)
    value = (float)(random() % 256) / 8;
  return rows;
}

/// What the rows model makes of row `last`.
float expectedSum(const std::vector<float> &rows, size_t last) {
  float sum = (float)last;
  for (size_t i = 0; i < (last + 1) * FAKE_ROW; ++i)
    sum += rows[i];
  return sum;
}

TEST_F(SessionTest, takesRowsInAnyCutAndCompany) {
  stop();
  start(fake_rows_model, 2);
  std::mt19937 random(11);
  for (int run = 0; run < 50; ++run) {
    size_t count = 1 + random() % 6, left = 0;
    std::vector<std::vector<float>> input;
    std::vector<size_t> done(count);
    std::vector<tc_session *> held;
    for (size_t i = 0; i < count; ++i) {
      input.push_back(someRows(1 + random() % FAKE_CONTEXT, random()));
      held.push_back(session());
      left += input[i].size() / FAKE_ROW;
    }
    while (left) {
      std::vector<tc_entry> entries;
      std::vector<float> output(count * FAKE_CONTEXT);
      for (size_t i = 0; i < count; ++i) {
        size_t rest = input[i].size() / FAKE_ROW - done[i];
        size_t now = std::min<size_t>(rest, 1 + random() % 20);
        if (now)
          entries.push_back({held[i], nullptr, now, TC_WANT_ALL,
                             &output[i * FAKE_CONTEXT],
                             &input[i][done[i] * FAKE_ROW], nullptr});
        left -= now;
        for (size_t j = 0; j < now; ++j)
          output[i * FAKE_CONTEXT + j] = expectedSum(input[i], done[i] + j);
        done[i] += now;
      }
      std::vector<float> expected = output;
      std::fill(output.begin(), output.end(), 0);
      ASSERT_EQ(tc_engine_step(engine, entries.data(), entries.size()), TC_OK);
      for (const tc_entry &entry : entries)
        for (size_t j = 0; j < entry.count; ++j)
          EXPECT_EQ(entry.output[j],
                    expected[&entry.output[j] - output.data()]);
    }
  }
}

TEST_F(SessionTest, handsOutWhatIsTapped) {
  stop();
  start(fake_rows_model, 2);
  ASSERT_EQ(tc_tap_size(&fake_rows_model.taps[0]), 2u);
  const size_t counts[] = {7, FAKE_CONTEXT, 1, 20};
  std::vector<std::vector<float>> input, tapped;
  std::vector<float *> places;
  std::vector<tc_entry> entries;
  for (size_t count : counts) {
    input.push_back(someRows(count, unsigned(count)));
    tapped.emplace_back(2 * count, -1);
  }
  for (std::vector<float> &to : tapped)
    places.push_back(to.data());
  places[2] = nullptr; // not of this one
  for (size_t i = 0; i < 4; ++i)
    entries.push_back({session(), nullptr, counts[i], TC_WANT_NONE, nullptr,
                       input[i].data(), i == 3 ? nullptr : &places[i]});
  ASSERT_EQ(tc_engine_step(engine, entries.data(), 4), TC_OK);
  for (size_t i = 0; i < 4; ++i)
    for (size_t row = 0; row < counts[i]; ++row) {
      float sum = 0;
      for (size_t j = 0; j < FAKE_ROW; ++j)
        sum += input[i][row * FAKE_ROW + j];
      EXPECT_EQ(tapped[i][2 * row], i < 2 ? sum : -1);
      EXPECT_EQ(tapped[i][2 * row + 1], i < 2 ? 2 * sum : -1);
    }
  float *odd = (float *)((char *)tapped[0].data() + 1);
  tc_entry wrong = {session(), nullptr,         1,   TC_WANT_NONE,
                    nullptr,   input[0].data(), &odd};
  EXPECT_EQ(tc_engine_step(engine, &wrong, 1), TC_BAD_ARGUMENT);
}

TEST_F(SessionTest, recurrentSessionsGoBackToTheBeginning) {
  stop();
  tc_model model = fake_language_model;
  model.recurrent = 1;
  start(model, 1);
  auto tokens = someTokens(9);
  tc_session *one = session();
  append(one, tokens);
  EXPECT_EQ(tc_session_rewind(one, 5), TC_BAD_ARGUMENT);
  EXPECT_EQ(tc_session_length(one), 9u);
  EXPECT_EQ(tc_session_rewind(one, 9), TC_OK);
  EXPECT_EQ(tc_session_rewind(one, 0), TC_OK);
  EXPECT_EQ(append(one, tokens), expectedRow(tokens, 8));
  stop();
  start(fake_language_model, 1);
}

TEST_F(SessionTest, refusesWrongRows) {
  stop();
  start(fake_rows_model, 1);
  auto input = someRows(3);
  auto tokens = someTokens(3);
  tc_session *one = session();
  float result = 42;
  for (float wrong : {INFINITY, -INFINITY, NAN}) {
    auto broken = input;
    broken[5] = wrong;
    EXPECT_EQ(
        tc_session_append_rows(one, broken.data(), 3, TC_WANT_LAST, &result),
        TC_BAD_ROW);
  }
  EXPECT_EQ(tc_session_append(one, tokens.data(), 3, &result), TC_BAD_ARGUMENT);
  EXPECT_EQ(tc_engine_encode_rows(engine, input.data(), 3, &result),
            TC_BAD_ARGUMENT);
  EXPECT_EQ(tc_session_append_rows(one, nullptr, 3, TC_WANT_LAST, &result),
            TC_BAD_ARGUMENT);
  EXPECT_EQ(
      tc_session_append_rows(nullptr, input.data(), 3, TC_WANT_LAST, &result),
      TC_BAD_ARGUMENT);
  EXPECT_EQ(result, 42);
  EXPECT_EQ(tc_session_length(one), 0u);
  EXPECT_EQ(tc_session_append_rows(one, input.data(), 3, TC_WANT_LAST, &result),
            TC_OK);
  EXPECT_EQ(result, expectedSum(input, 2));
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
