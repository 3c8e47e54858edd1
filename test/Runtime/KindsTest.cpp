// What is particular to some models: images, whole sequences, rows, prefixes,
// taps, sums in place of rows.
#include "SessionFixture.h"

#include <cmath>
#include <numeric>

namespace {

struct KindsTest : SessionFixture {};

/// How many rows each row of the last step was to see.
std::vector<int32_t> limits;
void seeingStep(const tc_step *step) {
  limits.assign(step->limits, step->limits + step->rows);
  fake_language_model.step(step);
}

TEST_F(KindsTest, tokensOfAPrefixSeeEachOther) {
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

/* ---- Models without sessions --------------------------------------------- */

TEST_F(KindsTest, runsImages) {
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

TEST_F(KindsTest, takesSequencesOfAnEncoderWhole) {
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
                         TC_WANT_ALL, &output[place * 3], nullptr, nullptr,
                         nullptr});
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
  tc_entry entry = {nullptr, tokens.data(), 13,      TC_WANT_NONE,
                    nullptr, nullptr,       nullptr, nullptr};
  EXPECT_EQ(tc_engine_step(engine, &entry, 1), TC_CONTEXT_FULL);
}

TEST_F(KindsTest, refusesASequenceThatCannotBeWhole) {
  stop();
  tc_model model = fake_encoder_model;
  model.context = 100;
  start(model, 1);
  auto tokens = someTokens(13);
  tc_entry entry = {nullptr, tokens.data(), 13,      TC_WANT_NONE,
                    nullptr, nullptr,       nullptr, nullptr};
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

TEST_F(KindsTest, takesRowsInAnyCutAndCompany) {
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
                             &input[i][done[i] * FAKE_ROW], nullptr, nullptr});
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

TEST_F(KindsTest, givesRowsTheirTypes) {
  stop();
  start(fake_rows_model, 2);
  auto rows = someRows(5);
  int32_t types[] = {0, 2, 1, 0, 2};
  float output[5];
  tc_session *held = session();
  tc_entry entry = {held,   nullptr,     2,       TC_WANT_ALL,
                    output, rows.data(), nullptr, types};
  ASSERT_EQ(tc_engine_step(engine, &entry, 1), TC_OK);
  entry.count = 3;
  entry.output += 2;
  entry.rows += 2 * FAKE_ROW;
  entry.types += 2;
  ASSERT_EQ(tc_engine_step(engine, &entry, 1), TC_OK);
  for (size_t i = 0, seen = 0; i < 5; ++i) {
    seen += size_t(types[i]);
    EXPECT_EQ(output[i], expectedSum(rows, i) + 1000 * float(seen));
  }
  types[3] = 3; // of 0, 1 and 2
  EXPECT_EQ(tc_engine_step(engine, &entry, 1), TC_BAD_TYPE);
  types[3] = -1;
  EXPECT_EQ(tc_engine_step(engine, &entry, 1), TC_BAD_TYPE);
  EXPECT_EQ(tc_session_length(held), 5u);
}

TEST_F(KindsTest, refusesTypesOfModelsWithout) {
  int32_t tokens[] = {1, 2}, types[] = {0, 0};
  tc_entry entry = {session(), tokens,  2,       TC_WANT_NONE,
                    nullptr,   nullptr, nullptr, types};
  EXPECT_EQ(tc_engine_step(engine, &entry, 1), TC_BAD_ARGUMENT);
}

TEST_F(KindsTest, handsOutWhatIsTapped) {
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
                       input[i].data(), i == 3 ? nullptr : &places[i],
                       nullptr});
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
  tc_entry wrong = {session(), nullptr,         1,    TC_WANT_NONE,
                    nullptr,   input[0].data(), &odd, nullptr};
  EXPECT_EQ(tc_engine_step(engine, &wrong, 1), TC_BAD_ARGUMENT);
}

TEST_F(KindsTest, handsOutWhatIsTappedOfImages) {
  stop();
  start(fake_image_model, 2);
  const tc_tap *tap = &fake_image_model.taps[0];
  ASSERT_EQ(tc_tap_rows(&fake_image_model, tap, 1), 2u);
  std::vector<float> input(7 * 18), output(7 * 5), plain(7 * 5);
  std::vector<float> tapped(7 * 2, -1);
  for (size_t i = 0; i < input.size(); ++i)
    input[i] = float(i % 23);
  float *place = tapped.data();
  ASSERT_EQ(tc_engine_run_taps(engine, input.data(), nullptr, 7, output.data(),
                               &place),
            TC_OK);
  for (size_t i = 0; i < tapped.size(); ++i)
    EXPECT_EQ(tapped[i],
              std::accumulate(&input[9 * i], &input[9 * i] + 9, 0.f));
  // Nothing is left of the places.
  std::fill(tapped.begin(), tapped.end(), -1.f);
  ASSERT_EQ(tc_engine_run(engine, input.data(), 7, plain.data()), TC_OK);
  EXPECT_EQ(plain, output);
  EXPECT_EQ(tapped, std::vector<float>(14, -1));
  place = (float *)((char *)tapped.data() + 1);
  EXPECT_EQ(tc_engine_run_taps(engine, input.data(), nullptr, 1, output.data(),
                               &place),
            TC_BAD_ARGUMENT);
}

TEST_F(KindsTest, handsOutWhatEitherStackOfQueriesHas) {
  stop();
  start(fake_detector_model, 2);
  const tc_tap *taps = fake_detector_model.taps;
  EXPECT_EQ(tc_tap_rows(&fake_detector_model, &taps[0], 1),
            size_t(FAKE_QUERIES));
  EXPECT_EQ(tc_tap_rows(&fake_detector_model, &taps[1], 1), 2u);
  std::vector<float> input(5 * 4), output(5 * FAKE_QUERIES * 2);
  std::vector<float> sums(5 * FAKE_QUERIES), halves(5 * 2);
  for (size_t i = 0; i < input.size(); ++i)
    input[i] = float(i);
  float *places[] = {sums.data(), halves.data()};
  ASSERT_EQ(tc_engine_run_taps(engine, input.data(), nullptr, 5, output.data(),
                               places),
            TC_OK);
  for (size_t i = 0; i < 5; ++i) {
    float sum = std::accumulate(&input[4 * i], &input[4 * i] + 4, 0.f);
    for (size_t q = 0; q < FAKE_QUERIES; ++q)
      EXPECT_EQ(sums[i * FAKE_QUERIES + q], sum + float(q));
    EXPECT_EQ(halves[2 * i], sum / 2);
    EXPECT_EQ(halves[2 * i + 1], sum / 2);
  }
}

TEST_F(KindsTest, countsRowsOfTapsBehindWindows) {
  const tc_windows windows[] = {{3, 2, 1}, {2, 3, 0}};
  tc_model model = fake_encoder_model;
  model.windows = windows;
  model.windows_count = 2;
  tc_tap tap = {"x", 1, 0, 8, 0};
  for (auto [made, rows] :
       {std::pair(0u, 20u), std::pair(1u, 10u), std::pair(2u, 3u)}) {
    tap.made = made;
    EXPECT_EQ(tc_tap_rows(&model, &tap, 20), rows);
  }
}

TEST_F(KindsTest, recurrentSessionsGoBackToTheBeginning) {
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

TEST_F(KindsTest, refusesWrongRows) {
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

/// Windows one after the other; a sequence that none fits into makes no row.
TEST(Kinds, RowsThatWindowsMake) {
  const tc_windows stem[] = {{3, 1, 1}, {3, 2, 1}}, wide[] = {{5, 2, 1}};
  tc_model model = {};
  model.input = TC_INPUT_ROWS;
  EXPECT_EQ(tc_made_rows(&model, 7), 7u);
  model.windows = stem;
  model.windows_count = 2;
  EXPECT_EQ(tc_made_rows(&model, 1), 1u);
  EXPECT_EQ(tc_made_rows(&model, 3000), 1500u);
  EXPECT_EQ(tc_made_rows(&model, 7), 4u);
  model.windows = wide;
  model.windows_count = 1;
  EXPECT_EQ(tc_made_rows(&model, 2), 0u);
  EXPECT_EQ(tc_made_rows(&model, 3), 1u);
  model.input = TC_INPUT_REALS;
  model.rows_per_input = 49;
  EXPECT_EQ(tc_output_rows(&model), 49u);
  model.rows_made = 13;
  EXPECT_EQ(tc_output_rows(&model), 13u);
}

} // namespace
