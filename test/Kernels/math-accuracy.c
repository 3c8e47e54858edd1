/* Compares compiled exp, tanh and erf with the C library's, in double
 * precision, on floats spread over all exponents. Prints the largest errors,
 * fails beyond the bounds that are claimed for them. */
#include "runtime/abi.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { rows = 512, columns = 2048 };

void exp_step(const tc_step *step);
void tanh_step(const tc_step *step);
void erf_step(const tc_step *step);

static float in[rows * columns], out[rows * columns];

static float floatOf(uint32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

/* Distance of neighbouring floats at x. */
static double ulpAt(double x) {
  float magnitude = fabsf((float)x);
  return (double)nextafterf(magnitude, INFINITY) - magnitude;
}

/* Positive floats from `least` to `most`, evenly by their bits, and the same
 * negated. */
static void spread(float least, float most) {
  uint32_t first, last;
  memcpy(&first, &least, sizeof first);
  memcpy(&last, &most, sizeof last);
  uint64_t half = rows * columns / 2;
  for (uint64_t i = 0; i < half; ++i) {
    float x = floatOf(first + (uint32_t)((last - first) * i / (half - 1)));
    in[2 * i] = x;
    in[2 * i + 1] = -x;
  }
}

/* 1 if an error is beyond its bound. */
static int check(const char *name, void (*step)(const tc_step *),
                 double (*exact)(double), double most, double ulpBound,
                 double absoluteBound) {
  tc_step s = {0};
  s.rows = rows;
  s.scratch = in;
  s.output = out;
  spread(1e-30f, (float)most);
  step(&s);
  double ulps = 0, absolute = 0;
  for (size_t i = 0; i < rows * columns; ++i) {
    double wanted = exact(in[i]), error = fabs(out[i] - wanted);
    if (!(error <= absolute))
      absolute = error;
    if (!(error / ulpAt(wanted) <= ulps))
      ulps = error / ulpAt(wanted);
  }
  printf("%s: %.2f ulp, absolute %.2e\n", name, ulps, absolute);
  return !(ulps <= ulpBound) || !(absolute <= absoluteBound);
}

/* What a model may run into must stay a number. */
static int checkEnds(const char *name, void (*step)(const tc_step *),
                     float below, float above) {
  tc_step s = {0};
  s.rows = 1;
  s.scratch = in;
  s.output = out;
  for (int i = 0; i < columns; ++i)
    in[i] = i % 2 ? 1e30f : -1e30f;
  step(&s);
  printf("%s: %g to %g\n", name, out[0], out[1]);
  return !(fabsf(out[0] - below) <= 1e-30f) || !(out[1] >= above);
}

int main(void) {
  int failed = 0;
  failed |= check("exp", exp_step, exp, 87, 2, INFINITY);
  failed |= check("tanh", tanh_step, tanh, 20, 3, 2e-7);
  failed |= check("erf", erf_step, erf, 10, 3, 2e-7);
  failed |= checkEnds("exp", exp_step, 0, 2e38f);
  failed |= checkEnds("tanh", tanh_step, -1, 1);
  failed |= checkEnds("erf", erf_step, -1, 1);
  return failed;
}
