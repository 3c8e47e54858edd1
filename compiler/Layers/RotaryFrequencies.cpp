// Rotary frequencies: Su et al. 2021; linear interpolation: Chen et al. 2023;
// yarn, and ntk as its section 3.1 has it: Peng et al. 2023; llama3: as
// published with LLaMA 3.1; longrope: Ding et al. 2024.
#include "compiler/Layers/RotaryFrequencies.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace layers {

/// Slow pairs are slowed down by the factor, fast ones stay, those between are
/// mixed by how often they turn over the original context.
static double llama3(double frequency, const spec::RotaryScaling &scaling) {
  double turns =
      double(scaling.originalContext) * frequency / (2 * std::numbers::pi);
  double fast = (turns - scaling.lowFreqFactor) /
                (scaling.highFreqFactor - scaling.lowFreqFactor);
  fast = std::clamp(fast, 0.0, 1.0);
  return (1 - fast) * frequency / scaling.factor + fast * frequency;
}

/// The pair, as a real number, that turns so many times over the original
/// context.
static double pairOfTurns(double turns, const spec::Rotary &rotary) {
  double context = double(rotary.scaling.originalContext);
  return double(rotary.dim) *
         std::log(context / (turns * 2 * std::numbers::pi)) /
         (2 * std::log(rotary.theta));
}

/// As llama3, but mixed along the index of the pair.
static double yarn(int64_t pair, double frequency, const spec::Rotary &rotary) {
  const spec::RotaryScaling &scaling = rotary.scaling;
  double last = double(rotary.dim - 1);
  double low = pairOfTurns(scaling.betaFast, rotary);
  double high = pairOfTurns(scaling.betaSlow, rotary);
  if (scaling.truncate) {
    low = std::floor(low);
    high = std::ceil(high);
  }
  low = std::max(low, 0.0);
  high = std::min(high, last);
  if (low == high)
    high += 0.001; // as published: no division by zero
  double slow = std::clamp((double(pair) - low) / (high - low), 0.0, 1.0);
  return slow * frequency / scaling.factor + (1 - slow) * frequency;
}

/// The slowest pair turns slower by the factor, the fastest as before.
static double ntkTheta(const spec::Rotary &rotary) {
  double dim = double(rotary.dim);
  return rotary.theta * std::pow(rotary.scaling.factor, dim / (dim - 2));
}

std::vector<double> rotaryFrequencies(const spec::Rotary &rotary,
                                      int64_t context) {
  std::vector<double> frequencies;
  bool ntk = rotary.scaling.kind == spec::RotaryScalingKind::Ntk;
  double theta = ntk ? ntkTheta(rotary) : rotary.theta;
  for (int64_t pair = 0; pair < rotary.dim / 2; ++pair) {
    double frequency =
        std::pow(theta, -2.0 * double(pair) / double(rotary.dim));
    switch (rotary.scaling.kind) {
    case spec::RotaryScalingKind::None:
    case spec::RotaryScalingKind::Ntk:
      break;
    case spec::RotaryScalingKind::LongRope:
      frequency /= context > rotary.scaling.originalContext
                       ? rotary.scaling.longer[size_t(pair)]
                       : rotary.scaling.shorter[size_t(pair)];
      break;
    case spec::RotaryScalingKind::Linear:
      frequency /= rotary.scaling.factor;
      break;
    case spec::RotaryScalingKind::Llama3:
      frequency = llama3(frequency, rotary.scaling);
      break;
    case spec::RotaryScalingKind::Yarn:
      frequency = yarn(pair, frequency, rotary);
      break;
    }
    frequencies.push_back(frequency);
  }
  return frequencies;
}

double rotaryMagnitude(const spec::RotaryScaling &scaling) {
  bool yarn = scaling.kind == spec::RotaryScalingKind::Yarn;
  if (!yarn && scaling.kind != spec::RotaryScalingKind::LongRope)
    return 1.0;
  if (scaling.attentionFactor > 0)
    return scaling.attentionFactor;
  if (scaling.factor <= 1)
    return 1.0;
  double grown = std::log(scaling.factor);
  return yarn
             ? 0.1 * grown + 1
             : std::sqrt(1 + grown / std::log(double(scaling.originalContext)));
}

} // namespace layers
