/* Choosing the next id. The probabilities are a softmax over the whole
 * vocabulary; ids leave a heap, most likely first, until the sum of their
 * probabilities passes the random number: seldom many. With an exp of its own,
 * so that every machine chooses the same. */
#include "runtime/text/text.h"

#include <math.h>
#include <string.h>

size_t tc_sample_scratch_bytes(int32_t vocab) {
  return vocab > 0 ? (size_t)vocab * sizeof(int32_t) : 0;
}

/* exp(x) for x <= 0, relative error below 1e-15; 0 below -700. Without
 * branches, so that loops over it become vectors. */
static inline double exp_negative(double x) {
  const double shift = 6755399441055744.0; /* 1.5 * 2^52: rounds to integer */
  double y = x < -700.0 ? -700.0 : x;
  double n = y * 1.4426950408889634 + shift;
  int64_t bits;
  memcpy(&bits, &n, sizeof bits);
  n -= shift;
  double r = y - n * 0.693147180369123816490; /* ln 2 in two parts */
  r -= n * 1.90821492927058770002e-10;
  double p = 1.0 / 479001600;
  p = p * r + 1.0 / 39916800;
  p = p * r + 1.0 / 3628800;
  p = p * r + 1.0 / 362880;
  p = p * r + 1.0 / 40320;
  p = p * r + 1.0 / 5040;
  p = p * r + 1.0 / 720;
  p = p * r + 1.0 / 120;
  p = p * r + 1.0 / 24;
  p = p * r + 1.0 / 6;
  p = p * r + 0.5;
  p = p * r + 1.0;
  p = p * r + 1.0;
  /* n is in the low bits of the shifted sum. */
  int64_t power = (int64_t)(((uint64_t)bits + 1023) << 52);
  double scale;
  memcpy(&scale, &power, sizeof scale);
  return x < -700.0 ? 0.0 : p * scale;
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
  int32_t best = 0;
  for (int32_t i = 1; i < vocab; ++i)
    if (before(logits, i, best))
      best = i;
  return best;
}

static void sift(const float *logits, int32_t *heap, int32_t n, int32_t i) {
  int32_t id = heap[i];
  for (int32_t child; (child = 2 * i + 1) < n; i = child) {
    if (child + 1 < n && before(logits, heap[child + 1], heap[child]))
      ++child;
    if (!before(logits, heap[child], id))
      break;
    heap[i] = heap[child];
  }
  heap[i] = id;
}

/* Ids by falling likelihood. Those near the most likely come first, the rest
 * behind them: few of the rest are ever asked for. Each of the two groups is a
 * heap of ids that have not been asked for, then, from its end backwards, those
 * that have. */
typedef struct ranking {
  const float *logits;
  int32_t *ids;
  int32_t begin, end; /* of the group that is being asked for */
  int32_t waiting;    /* ids in its heap */
  int32_t vocab;
} ranking;

static void start_group(ranking *r, int32_t begin, int32_t end) {
  r->begin = begin;
  r->end = end;
  r->waiting = end - begin;
  for (int32_t i = r->waiting / 2; i-- > 0;)
    sift(r->logits, r->ids + begin, r->waiting, i);
}

static void rank(ranking *r, const float *logits, int32_t vocab, float near,
                 void *memory) {
  *r = (ranking){.logits = logits, .ids = memory, .vocab = vocab};
  int32_t first = 0, last = vocab;
  for (int32_t i = 0; i < vocab; ++i) {
    int is_near = logits[i] >= near;
    r->ids[first] = r->ids[last - 1] = i;
    first += is_near;
    last -= !is_near;
  }
  start_group(r, 0, first);
}

/* The i-th most likely id, from 0. */
static int32_t ranked(ranking *r, int32_t i) {
  if (i >= r->end)
    start_group(r, r->end, r->vocab);
  if (i < r->begin) /* of the first group, when the second has begun */
    return r->ids[r->begin - 1 - i];
  int32_t *ids = r->ids + r->begin;
  int32_t n = r->end - r->begin;
  i -= r->begin;
  while (n - r->waiting <= i) {
    int32_t first = ids[0], last = --r->waiting;
    ids[0] = ids[last];
    sift(r->logits, ids, last, 0);
    ids[last] = first;
  }
  return ids[n - 1 - i];
}

/* exp((logit - most) / temperature): not yet divided by the sum of all. */
typedef struct softmax {
  const float *logits;
  double most, scale;
} softmax;

static inline double weight(const softmax *s, int32_t id) {
  double x = (s->logits[id] - s->most) * s->scale;
  return x <= 0.0 ? exp_negative(x) : 0.0; /* NaN: 0 */
}

/* Block by block, in loops that become vectors. */
static double sum_of_all(const softmax *s, int32_t vocab) {
  enum { BLOCK = 64, SUMS = 8 };
  double weights[BLOCK], sums[SUMS] = {0}, sum = 0;
  int32_t i = 0;
  for (; i + BLOCK <= vocab; i += BLOCK) {
    for (int32_t j = 0; j < BLOCK; ++j)
      weights[j] = weight(s, i + j);
    for (int32_t j = 0; j < BLOCK; ++j)
      sums[j % SUMS] += weights[j];
  }
  for (; i < vocab; ++i)
    sum += weight(s, i);
  for (int j = 0; j < SUMS; ++j)
    sum += sums[j];
  return sum;
}

int32_t tc_sample_with(const float *logits, int32_t vocab,
                       const tc_sampling *sampling, double u, void *scratch) {
  if (vocab <= 0)
    return -1;
  int32_t best = most_likely(logits, vocab);
  double most = logits[best];
  if (!(sampling->temperature > 0) || !(most - most == 0))
    return best; /* greedy, or an infinity that takes all */
  softmax s = {logits, most, 1.0 / sampling->temperature};
  ranking r;
  /* What lies 12 below the most likely is chosen once in 160 000 times. */
  rank(&r, logits, vocab, (float)(most - 12.0 * sampling->temperature),
       scratch);

  int32_t count = vocab;
  double kept = 0;
  if (sampling->top_k > 0 && sampling->top_k < vocab)
    count = sampling->top_k;
  if (count == vocab || sampling->top_p < 1.0f)
    kept = sum_of_all(&s, vocab);
  if (count < vocab || sampling->top_p < 1.0f) {
    double enough = sampling->top_p < 1.0f ? sampling->top_p * kept : INFINITY;
    int32_t i = 0;
    for (kept = 0; i < count && (i == 0 || kept < enough); ++i)
      kept += weight(&s, ranked(&r, i));
    count = i;
  }
  double sum = 0;
  int32_t id = best;
  for (int32_t i = 0; i < count && sum <= u * kept; ++i) {
    double w = weight(&s, ranked(&r, i));
    sum += w;
    if (w > 0)
      id = ranked(&r, i);
  }
  return id;
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
