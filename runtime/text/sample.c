/* Choosing the next id. The probabilities are a softmax over the whole
 * vocabulary; the likeliest ids up to some sum of probabilities are found by
 * halving, without sorting: each step divides the ids in question into those
 * before and after one of them and goes on with the part where the sum passes.
 * With an exp of its own, so that every machine chooses the same. */
#include "runtime/text/text.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* Loops over this many elements become vectors. */
enum { BLOCK = 64, LANES = 8 };

size_t tc_sample_scratch_bytes(int32_t vocab) {
  return vocab > 0 ? (size_t)vocab * (sizeof(int32_t) + sizeof(float)) : 0;
}

/* exp(x) for x <= 0, relative error below 2e-7; 0 below -87 and of a NaN.
 * Without branches. */
static inline float exp_negative(float x) {
  const float shift = 12582912.0f; /* 1.5 * 2^23: rounds to integer */
  float y = x > -87.0f ? x : -87.0f;
  float n = y * 1.44269504f + shift;
  uint32_t bits;
  memcpy(&bits, &n, sizeof bits);
  n -= shift;
  float r = y - n * 0.693359375f; /* ln 2 in two parts */
  r += n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  bits = (bits + 127) << 23; /* n is in the low bits of the shifted sum */
  float power;
  memcpy(&power, &bits, sizeof power);
  return x >= -87.0f ? p * power : 0.0f;
}

/* By logit, falling; a NaN comes last; among equals the lower id first. */
static int before(const float *logits, int32_t a, int32_t b) {
  float x = logits[a], y = logits[b];
  if (x > y || (x == x && y != y))
    return 1;
  if (x < y || (x != x && y == y))
    return 0;
  return a < b;
}

static int32_t most_likely(const float *logits, int32_t vocab) {
  float most[LANES];
  for (int j = 0; j < LANES; ++j)
    most[j] = -INFINITY;
  int32_t i = 0;
  for (; i + BLOCK <= vocab; i += BLOCK)
    for (int j = 0; j < BLOCK; ++j)
      most[j % LANES] =
          logits[i + j] > most[j % LANES] ? logits[i + j] : most[j % LANES];
  for (; i < vocab; ++i)
    most[0] = logits[i] > most[0] ? logits[i] : most[0];
  for (int j = 1; j < LANES; ++j)
    most[0] = most[j] > most[0] ? most[j] : most[0];
  for (i = 0; i < vocab; ++i)
    if (logits[i] == most[0])
      return i;
  return 0; /* NaN all */
}

/* weights[i] = exp((logit - most) * scale); their sum. */
static double weigh(const float *logits, int32_t vocab, float most, float scale,
                    float *weights) {
  double sums[LANES] = {0}, sum = 0;
  int32_t i = 0;
  for (; i + BLOCK <= vocab; i += BLOCK) {
    for (int j = 0; j < BLOCK; ++j)
      weights[i + j] = exp_negative((logits[i + j] - most) * scale);
    for (int j = 0; j < BLOCK; ++j)
      sums[j % LANES] += weights[i + j];
  }
  for (; i < vocab; ++i)
    sum += weights[i] = exp_negative((logits[i] - most) * scale);
  for (int j = 0; j < LANES; ++j)
    sum += sums[j];
  return sum;
}

/* The ids in the making of an order. */
typedef struct ranking {
  const float *logits, *weights;
  int32_t *ids;
  int32_t least; /* the last id that was counted and has a weight */
  double sum;    /* of the weights counted */
} ranking;

/* Those at `near` or above to the front; how many. */
static int32_t near_first(ranking *r, int32_t vocab, float near) {
  int32_t first = 0, last = vocab;
  for (int32_t i = 0; i < vocab; ++i) {
    int is_near = r->logits[i] >= near;
    r->ids[first] = r->ids[last - 1] = i;
    first += is_near;
    last -= !is_near;
  }
  return first;
}

static void swap(int32_t *a, int32_t *b) {
  int32_t c = *a;
  *a = *b;
  *b = c;
}

/* The median of three to the end. */
static int32_t choose_pivot(ranking *r, int32_t begin, int32_t end) {
  int32_t *a = r->ids + begin, *b = a + (end - begin) / 2;
  int32_t *c = r->ids + end - 1;
  if (before(r->logits, *b, *a))
    swap(a, b);
  if (before(r->logits, *c, *b))
    swap(b, c);
  if (before(r->logits, *b, *a))
    swap(a, b);
  swap(b, c);
  return *c;
}

/* Those before the last id of the range to its front, then that id; its place.
 * `weight` receives the sum of those before. */
static int32_t divide(ranking *r, int32_t begin, int32_t end, double *weight) {
  int32_t pivot = r->ids[end - 1], place = begin;
  double sum = 0;
  for (int32_t i = begin; i < end - 1; ++i) {
    int32_t id = r->ids[i];
    int goes = before(r->logits, id, pivot);
    r->ids[i] = r->ids[place];
    r->ids[place] = id;
    place += goes;
    sum += goes ? r->weights[id] : 0.0f;
  }
  swap(&r->ids[place], &r->ids[end - 1]);
  *weight = sum;
  return place;
}

static void count_id(ranking *r, int32_t id) {
  r->sum += r->weights[id];
  if (r->weights[id] > 0)
    r->least = id;
}

static void sort(ranking *r, int32_t begin, int32_t end) {
  for (int32_t i = begin + 1; i < end; ++i)
    for (int32_t j = i;
         j > begin && before(r->logits, r->ids[j], r->ids[j - 1]); --j)
      swap(&r->ids[j], &r->ids[j - 1]);
}

/* Counts ids of [begin, end), likeliest first, until `most` are counted in all
 * or the sum reaches `enough`; how many are counted then. They are the first
 * ones, in some order. */
static int32_t count_likeliest(ranking *r, int32_t begin, int32_t end,
                               int32_t most, double enough) {
  enum { FEW = 24 };
  while (end - begin > FEW) {
    double weight;
    int32_t pivot = choose_pivot(r, begin, end);
    int32_t place = divide(r, begin, end, &weight);
    if (place >= most || r->sum + weight >= enough) {
      end = place;
      continue;
    }
    r->sum += weight;
    count_id(r, pivot);
    begin = place + 1;
    if (begin >= most || r->sum >= enough)
      return begin;
  }
  sort(r, begin, end);
  for (; begin < end && begin < most && r->sum < enough; ++begin)
    count_id(r, r->ids[begin]);
  return begin;
}

/* The double after x >= 0; nextafter would need the mathematics library. */
static double next_up(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  ++bits;
  memcpy(&x, &bits, sizeof bits);
  return x;
}

int32_t tc_sample_with(const float *logits, int32_t vocab,
                       const tc_sampling *sampling, double u, void *scratch) {
  if (vocab <= 0)
    return -1;
  int32_t best = most_likely(logits, vocab);
  float most = logits[best];
  if (!(sampling->temperature > 0) || !(most - most == 0))
    return best; /* greedy, or an infinity that takes all */
  int32_t *ids = scratch;
  float *weights = (float *)(ids + vocab);
  double kept =
      weigh(logits, vocab, most, 1.0f / sampling->temperature, weights);
  ranking r = {.logits = logits, .weights = weights, .ids = ids, .least = best};
  /* What lies 12 below the most likely is chosen once in 160 000 times. */
  int32_t near = near_first(&r, vocab, most - 12.0f * sampling->temperature);

  int32_t count = vocab;
  if (sampling->top_k > 0 && sampling->top_k < vocab)
    count = sampling->top_k;
  if (count < vocab || sampling->top_p < 1.0f) {
    double enough = sampling->top_p < 1.0f ? sampling->top_p * kept : INFINITY;
    if (!(enough > 0))
      enough = DBL_MIN; /* one at least */
    int32_t counted = count_likeliest(&r, 0, near, count, enough);
    if (counted == near && counted < count && r.sum < enough)
      counted = count_likeliest(&r, near, vocab, count, enough);
    kept = r.sum;
    count = counted;
  }
  double enough = next_up(u * kept);
  r.sum = 0;
  int32_t first = count < near ? count : near;
  int32_t counted = count_likeliest(&r, 0, first, count, enough);
  if (counted == first && r.sum < enough)
    count_likeliest(&r, first, count, count, enough);
  return r.least;
}

int32_t tc_sample(const float *logits, int32_t vocab,
                  const tc_sampling *sampling, uint64_t *rng_state,
                  void *scratch) {
  /* splitmix64 (Steele, Lea, Flood 2014): good from any state. */
  uint64_t z = *rng_state += 0x9E3779B97F4A7C15u;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
  z = (z ^ z >> 27) * 0x94D049BB133111EBu;
  z ^= z >> 31;
  return tc_sample_with(logits, vocab, sampling, (double)(z >> 11) * 0x1p-53,
                        scratch);
}
