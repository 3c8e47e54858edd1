// Sources of encoder-decoders: each session has its own, whole and first.
#include "FakeWeights.h"

#include "runtime/session.h"

#include <gtest/gtest.h>

#include <cmath>

namespace {

using Tokens = std::vector<int32_t>;
using Row = std::vector<float>;

/// The row after `tokens` by the definition in FakeModel.h.
Row expectedRow(const Tokens &source, const Tokens &tokens) {
  Row row(FAKE_VOCAB, (float)(tokens.size() - 1));
  for (int j = 0; j < FAKE_VOCAB; ++j) {
    for (int32_t token : tokens)
      row[j] += fakeWeight((token + j) % FAKE_WEIGHTS);
    for (int32_t token : source)
      row[j] += fakeWeight((token + 2 * j) % FAKE_WEIGHTS);
  }
  return row;
}

struct SourceTest : testing::Test {
  tc_weights *weights = nullptr;
  tc_engine *engine = nullptr;
  std::vector<tc_session *> sessions;
  int violations = fake_violations();

  SourceTest() { start(fake_translator_model); }
  explicit SourceTest(const tc_model &model) { start(model); }
  void start(const tc_model &model) {
    static const std::string file = fakeFile();
    alignas(TC_ALIGN) static char contents[8192];
    file.copy(contents, file.size());
    tc_error error;
    EXPECT_EQ(tc_weights_wrap(&model, contents, file.size(), TC_CHECK_DATA,
                              &weights, &error),
              TC_OK);
    EXPECT_EQ(tc_engine_create(&model, weights, nullptr, &engine, &error),
              TC_OK);
  }
  ~SourceTest() override {
    for (tc_session *session : sessions)
      tc_session_destroy(session);
    tc_engine_destroy(engine);
    tc_weights_close(weights);
    EXPECT_EQ(fake_violations(), violations) << "tc_step was not as promised";
  }
  tc_session *session() {
    tc_session *made = nullptr;
    EXPECT_EQ(tc_session_create(engine, &made), TC_OK);
    sessions.push_back(made);
    return made;
  }
  tc_status encode(tc_session *session, const Tokens &source) {
    return tc_session_encode(session, source.data(), source.size());
  }
  tc_status append(tc_session *session, const Tokens &tokens, Row &row) {
    row.assign(FAKE_VOCAB, 0);
    return tc_session_append(session, tokens.data(), tokens.size(), row.data());
  }
};

TEST_F(SourceTest, comesBeforeTokens) {
  Row row;
  tc_session *one = session();
  EXPECT_EQ(append(one, {1}, row), TC_NO_SOURCE);
  EXPECT_EQ(tc_session_source_length(one), 0u);
  EXPECT_EQ(encode(one, {4, 5, 6}), TC_OK);
  EXPECT_EQ(tc_session_source_length(one), 3u);
  EXPECT_EQ(append(one, {1, 2}, row), TC_OK);
  EXPECT_EQ(row, expectedRow({4, 5, 6}, {1, 2}));
  EXPECT_EQ(append(one, {3}, row), TC_OK);
  EXPECT_EQ(row, expectedRow({4, 5, 6}, {1, 2, 3}));
}

TEST_F(SourceTest, anotherOneForgetsTheTokens) {
  Row row;
  tc_session *one = session();
  EXPECT_EQ(encode(one, {4, 5, 6}), TC_OK);
  EXPECT_EQ(append(one, {1, 2}, row), TC_OK);
  EXPECT_EQ(encode(one, {7}), TC_OK);
  EXPECT_EQ(tc_session_length(one), 0u);
  EXPECT_EQ(append(one, {8}, row), TC_OK);
  EXPECT_EQ(row, expectedRow({7}, {8}));
}

TEST_F(SourceTest, goesAlongWithForks) {
  Row row, other;
  tc_session *one = session(), *copy = nullptr;
  EXPECT_EQ(encode(one, {4, 5}), TC_OK);
  EXPECT_EQ(append(one, {1}, row), TC_OK);
  EXPECT_EQ(tc_session_fork(one, &copy), TC_OK);
  sessions.push_back(copy);
  EXPECT_EQ(append(copy, {2}, other), TC_OK);
  EXPECT_EQ(other, expectedRow({4, 5}, {1, 2}));
}

TEST_F(SourceTest, wrongOnesChangeNothing) {
  Row row;
  tc_session *one = session();
  EXPECT_EQ(encode(one, {4, 5, 6}), TC_OK);
  EXPECT_EQ(append(one, {1, 2}, row), TC_OK);
  EXPECT_EQ(encode(one, Tokens(FAKE_SOURCE_CONTEXT + 1, 3)),
            TC_SOURCE_TOO_LONG);
  EXPECT_EQ(encode(one, {FAKE_SOURCE_VOCAB}), TC_BAD_TOKEN);
  EXPECT_EQ(encode(one, {-1}), TC_BAD_TOKEN);
  EXPECT_EQ(encode(one, {}), TC_BAD_ARGUMENT);
  EXPECT_EQ(encode(nullptr, {1}), TC_BAD_ARGUMENT);
  EXPECT_EQ(append(one, {FAKE_SOURCE_VOCAB}, row), TC_OK);
  EXPECT_EQ(row, expectedRow({4, 5, 6}, {1, 2, FAKE_SOURCE_VOCAB}));
}

// More rows than a call takes, so that it has to make several.
TEST_F(SourceTest, severalShareACall) {
  std::vector<Tokens> sources;
  for (int32_t i = 1; i <= FAKE_SOURCE_CONTEXT; ++i)
    sources.push_back(Tokens(size_t(i), i));
  std::vector<tc_entry> entries;
  std::vector<Row> rows;
  for (const Tokens &source : sources)
    rows.emplace_back(2 * source.size());
  for (size_t i = 0; i < sources.size(); ++i)
    entries.push_back({session(), sources[i].data(), sources[i].size(),
                       i % 2 ? TC_WANT_ALL : TC_WANT_NONE,
                       i % 2 ? rows[i].data() : nullptr, nullptr, nullptr,
                       nullptr});
  int steps = fake_steps();
  ASSERT_EQ(tc_engine_encode_sources(engine, entries.data(), entries.size()),
            TC_OK);
  EXPECT_EQ(fake_steps() - steps, 3); // of 15, 13, 17 rows: 45 of at most 20
  for (size_t i = 0; i < sources.size(); ++i) {
    Row row;
    EXPECT_EQ(append(sessions[i], {7}, row), TC_OK);
    EXPECT_EQ(row, expectedRow(sources[i], {7}));
    for (size_t s = 0; s < sources[i].size() && i % 2; ++s) {
      EXPECT_EQ(rows[i][2 * s], fakeWeight(sources[i][s]));
      EXPECT_EQ(rows[i][2 * s + 1], float(s));
    }
  }
}

TEST_F(SourceTest, oneSessionOnceInACall) {
  Tokens source{1, 2};
  tc_entry entry = {session(), source.data(), 2,       TC_WANT_NONE,
                    nullptr,   nullptr,       nullptr, nullptr};
  tc_entry twice[] = {entry, entry};
  EXPECT_EQ(tc_engine_encode_sources(engine, twice, 2), TC_BUSY);
  entry.want = TC_WANT_LAST;
  EXPECT_EQ(tc_engine_encode_sources(engine, &entry, 1), TC_BAD_ARGUMENT);
  EXPECT_EQ(tc_session_source_length(entry.session), 0u);
}

struct RowSourceTest : SourceTest {
  RowSourceTest() : SourceTest(fake_reader_model) {}
};

TEST_F(RowSourceTest, addsWhatItsRowsSay) {
  Row row, source;
  for (int i = 0; i < 4 * FAKE_ROW; ++i)
    source.push_back(float(i));
  tc_session *one = session();
  EXPECT_EQ(append(one, {1}, row), TC_NO_SOURCE);
  EXPECT_EQ(tc_session_encode_reals(one, source.data(), 4), TC_OK);
  EXPECT_EQ(tc_session_source_length(one), 4u);
  EXPECT_EQ(append(one, {1, 2}, row), TC_OK);
  Row expected = expectedRow({}, {1, 2});
  for (float &value : expected)
    value += 66;
  EXPECT_EQ(row, expected);
}

TEST_F(RowSourceTest, handsOutWhatIsTapped) {
  Row source, sums(4, -1), row(FAKE_VOCAB);
  for (int i = 0; i < 4 * FAKE_ROW; ++i)
    source.push_back(float(i));
  float *place = sums.data();
  tc_session *one = session();
  tc_entry entry = {one,     nullptr,       4,      TC_WANT_NONE,
                    nullptr, source.data(), &place, nullptr};
  ASSERT_EQ(tc_engine_encode_sources(engine, &entry, 1), TC_OK);
  EXPECT_EQ(sums, (Row{3, 12, 21, 30}));
  // The decoder has nothing to hand out.
  sums.assign(4, -1);
  const int32_t token = 1;
  entry = {one, &token, 1, TC_WANT_LAST, row.data(), nullptr, &place, nullptr};
  ASSERT_EQ(tc_engine_step(engine, &entry, 1), TC_OK);
  EXPECT_EQ(sums, Row(4, -1));
  place = (float *)((char *)sums.data() + 1);
  entry = {one,     nullptr,       4,      TC_WANT_NONE,
           nullptr, source.data(), &place, nullptr};
  EXPECT_EQ(tc_engine_encode_sources(engine, &entry, 1), TC_BAD_ARGUMENT);
}

TEST_F(RowSourceTest, wrongOnesChangeNothing) {
  Row source(FAKE_ROW * (FAKE_SOURCE_CONTEXT + 1), 1.0f);
  const int32_t tokens[] = {1};
  tc_session *one = session();
  EXPECT_EQ(
      tc_session_encode_reals(one, source.data(), FAKE_SOURCE_CONTEXT + 1),
      TC_SOURCE_TOO_LONG);
  EXPECT_EQ(tc_session_encode_reals(one, source.data(), 0), TC_BAD_ARGUMENT);
  EXPECT_EQ(tc_session_encode_reals(one, nullptr, 1), TC_BAD_ARGUMENT);
  EXPECT_EQ(tc_session_encode_reals(nullptr, source.data(), 1),
            TC_BAD_ARGUMENT);
  EXPECT_EQ(tc_session_encode(one, tokens, 1), TC_BAD_ARGUMENT);
  source[4] = NAN;
  EXPECT_EQ(tc_session_encode_reals(one, source.data(), 2), TC_BAD_ROW);
  EXPECT_EQ(tc_session_source_length(one), 0u);
}

// More rows than a call takes.
TEST_F(RowSourceTest, severalShareACall) {
  Row source(FAKE_ROW * FAKE_SOURCE_CONTEXT);
  for (size_t i = 0; i < source.size(); ++i)
    source[i] = float(i);
  std::vector<Row> rows(5, Row(2 * FAKE_SOURCE_CONTEXT));
  std::vector<tc_entry> entries;
  for (size_t i = 0; i < rows.size(); ++i)
    entries.push_back({session(), nullptr, FAKE_SOURCE_CONTEXT - i, TC_WANT_ALL,
                       rows[i].data(), source.data() + i, nullptr, nullptr});
  ASSERT_EQ(tc_engine_encode_sources(engine, entries.data(), entries.size()),
            TC_OK);
  for (size_t i = 0; i < rows.size(); ++i)
    for (size_t s = 0; s < entries[i].count; ++s) {
      EXPECT_EQ(rows[i][2 * s], float(9 * s + 3 + 3 * i));
      EXPECT_EQ(rows[i][2 * s + 1], float(s));
    }
}

struct QueriesTest : SourceTest {
  QueriesTest() : SourceTest(fake_detector_model) {}
};

// More images than a step of the encoder or of the queries takes.
TEST_F(QueriesTest, rowsOfEachImage) {
  for (size_t count : {1, 2, 9}) {
    Row images(count * FAKE_IMAGE), rows(count * FAKE_QUERIES * 2, -1);
    for (size_t i = 0; i < images.size(); ++i)
      images[i] = float(i * i);
    ASSERT_EQ(tc_engine_run(engine, images.data(), count, rows.data()), TC_OK);
    for (size_t i = 0; i < count; ++i)
      for (size_t q = 0; q < FAKE_QUERIES; ++q) {
        float sum = float(q);
        for (size_t j = 0; j < FAKE_IMAGE; ++j)
          sum += images[i * FAKE_IMAGE + j];
        EXPECT_EQ(rows[(i * FAKE_QUERIES + q) * 2], sum);
        EXPECT_EQ(rows[(i * FAKE_QUERIES + q) * 2 + 1], FAKE_IMAGE_ROWS);
      }
  }
}

TEST_F(QueriesTest, haveNoSessions) {
  tc_session *made = nullptr;
  EXPECT_EQ(tc_session_create(engine, &made), TC_BAD_ARGUMENT);
  EXPECT_FALSE(tc_has_sources(&fake_detector_model));
  EXPECT_EQ(tc_output_rows(&fake_detector_model), size_t(FAKE_QUERIES));
}

} // namespace
