// Sampling against probabilities worked out by hand from the definition.
#include "runtime/text/text.h"
#include "gtest/gtest.h"

#include <cmath>
#include <limits>
#include <vector>

namespace {

const std::vector<float> logits = {2, 1, 0.5, 0, -1, -2};

int32_t sampleWith(const std::vector<float> &logits, tc_sampling sampling,
                   double u) {
  std::vector<char> scratch(tc_sample_scratch_bytes(logits.size()));
  return tc_sample_with(logits.data(), logits.size(), &sampling, u,
                        scratch.data());
}

/// The number at which the choice passes from the ids before `id` to it, found
/// by halving: the sum of the probabilities before it.
double firstNumber(const std::vector<float> &logits, tc_sampling sampling,
                   int32_t id) {
  double low = 0, high = 1;
  for (int i = 0; i < 50; ++i) {
    double middle = (low + high) / 2;
    (sampleWith(logits, sampling, middle) < id ? low : high) = middle;
  }
  return high;
}

void expectProbabilities(tc_sampling sampling,
                         const std::vector<double> &expected) {
  double sum = 0;
  for (size_t id = 0; id < expected.size(); ++id) {
    EXPECT_NEAR(firstNumber(logits, sampling, id), sum, 1e-6) << "id " << id;
    sum += expected[id];
  }
  EXPECT_NEAR(sum, 1.0, 2e-6);
  EXPECT_EQ(sampleWith(logits, sampling, 0.9999999),
            int32_t(expected.size()) - 1);
}

TEST(Sample, SoftmaxAtTemperatureOne) {
  expectProbabilities({1, 0, 1},
                      {.557275, .205010, .124345, .075419, .027745, .010207});
}

TEST(Sample, TopK) {
  expectProbabilities({0.8f, 3, 1}, {.694512, .198981, .106507});
  expectProbabilities({2, 4, 1}, {.408701, .247890, .193057, .150353});
}

TEST(Sample, TopP) {
  expectProbabilities({0.8f, 0, 0.9f}, {.694512, .198981, .106507});
  expectProbabilities({0.8f, 3, 0.9f}, {.694512, .198981, .106507});
}

TEST(Sample, TopPKeepsAtLeastOne) {
  EXPECT_EQ(sampleWith(logits, {1, 0, 0}, 0.99), 0);
  EXPECT_EQ(sampleWith(logits, {1, 0, 1e-6f}, 0.99), 0);
}

TEST(Sample, LowTemperature) {
  EXPECT_NEAR(firstNumber(logits, {0.1f, 0, 1}, 1), .999954, 1e-6);
}

TEST(Sample, GivenNumber) {
  EXPECT_EQ(sampleWith(logits, {0.8f, 3, 1}, 0.70), 1);
  EXPECT_EQ(sampleWith(logits, {0.8f, 3, 1}, 0.69), 0);
  EXPECT_EQ(sampleWith(logits, {0.8f, 3, 1}, 0), 0);
}

TEST(Sample, ZeroTemperatureTakesTheLargest) {
  EXPECT_EQ(sampleWith(logits, {0, 0, 1}, 0.99), 0);
  EXPECT_EQ(sampleWith({1, 3, 3, 2}, {0, 0, 1}, 0.99), 1);
  EXPECT_EQ(sampleWith({1, 3, 3, 2}, {-1, 0, 1}, 0.99), 1);
}

TEST(Sample, AmongEqualsTheLowerIdComesFirst) {
  EXPECT_EQ(sampleWith({0, 5, 5, 5}, {1, 1, 1}, 0.99), 1);
  EXPECT_EQ(sampleWith({5, 0, 5, 5}, {1, 2, 1}, 0.49), 0);
  EXPECT_EQ(sampleWith({5, 0, 5, 5}, {1, 2, 1}, 0.51), 2);
}

TEST(Sample, OrderIsByLogitNotById) {
  EXPECT_EQ(sampleWith({-2, -1, 0, 0.5, 1, 2}, {1, 0, 1}, 0.5), 5);
  EXPECT_EQ(sampleWith({-2, -1, 0, 0.5, 1, 2}, {1, 0, 1}, 0.6), 4);
}

TEST(Sample, FarBelowTheMostLikely) {
  /// Probabilities beside the first: exp(-19), exp(-20), exp(-21).
  const std::vector<float> steep = {0, 20, 1, -1};
  for (tc_sampling sampling : {tc_sampling{1, 0, 1}, tc_sampling{1, 3, 1}}) {
    EXPECT_EQ(sampleWith(steep, sampling, 1 - 1e-8), 1);
    EXPECT_EQ(sampleWith(steep, sampling, 1 - 5e-9), 2);
    EXPECT_EQ(sampleWith(steep, sampling, 1 - 1e-9), 0);
  }
  EXPECT_EQ(sampleWith(steep, {1, 0, 1}, 1 - 1e-12), 3);
}

TEST(Sample, OddLogits) {
  const float nan = std::nanf(""), inf = std::numeric_limits<float>::infinity();
  for (tc_sampling sampling :
       {tc_sampling{0, 0, 1}, tc_sampling{1, 0, 1}, tc_sampling{1, 2, 0.5f}}) {
    EXPECT_EQ(sampleWith({nan, 1, nan}, sampling, 0.99), 1);
    EXPECT_EQ(sampleWith({-inf, 1, -inf}, sampling, 0.99), 1);
    EXPECT_EQ(sampleWith({1, inf, 2}, sampling, 0.99), 1);
    EXPECT_EQ(sampleWith({nan, nan}, sampling, 0.99), 0);
    EXPECT_EQ(sampleWith({-inf, -inf}, sampling, 0.99), 0);
    EXPECT_EQ(sampleWith({7}, sampling, 0.99), 0);
    EXPECT_EQ(sampleWith({}, sampling, 0.99), -1);
  }
}

TEST(Sample, LargeVocabularyAgreesWithPlainSum) {
  std::vector<float> large(50257);
  uint32_t state = 1;
  for (float &logit : large) {
    state = state * 1664525 + 1013904223;
    logit = float(state >> 8) / (1 << 21) - 4; // 0 to 8, shifted
  }
  double all = 0, best = *std::max_element(large.begin(), large.end());
  for (float logit : large)
    all += std::exp(logit - best);
  /// Up to the i-th most likely, the plain way.
  std::vector<float> sorted = large;
  std::sort(sorted.rbegin(), sorted.rend());
  double sum = 0;
  for (int i = 0; i < 1000; ++i) {
    double before = sum / all;
    sum += std::exp(sorted[i] - best);
    int32_t id = sampleWith(large, {1, 0, 1}, (before + sum / all) / 2);
    EXPECT_EQ(large[id], sorted[i]) << i;
  }
  /// The last that top-p and top-k leave.
  int last = 0;
  for (sum = 0; sum < 0.9 * all; ++last)
    sum += std::exp(sorted[last] - best);
  int32_t id = sampleWith(large, {1, 0, 0.9f}, 1 - 1e-9);
  EXPECT_NEAR(large[id], sorted[last - 1], 1e-3);
  id = sampleWith(large, {1, 777, 1}, 1 - 1e-9);
  EXPECT_EQ(large[id], sorted[776]);
}

TEST(Sample, RandomNumbersAreSplitmix64) {
  /// Two equal halves: the choice shows the top bit. The published sequence
  /// from state 1234567 begins 6457827717110365317, 3203168211198807973,
  /// 9817491932198370423, 4593380528125082431, 16408922859458223821.
  std::vector<float> halves = {0, 0};
  std::vector<char> scratch(tc_sample_scratch_bytes(2));
  uint64_t state = 1234567;
  tc_sampling sampling = {1, 0, 1};
  for (uint64_t number :
       {6457827717110365317u, 3203168211198807973u, 9817491932198370423u,
        4593380528125082431u, 16408922859458223821u})
    EXPECT_EQ(tc_sample(halves.data(), 2, &sampling, &state, scratch.data()),
              int32_t(number >> 63));
}

} // namespace
