// How fast each pair of a head turns, with the scalings for long contexts.
#ifndef COMPILER_LAYERS_ROTARYFREQUENCIES_H
#define COMPILER_LAYERS_ROTARYFREQUENCIES_H

#include "compiler/Spec/Spec.h"

#include <vector>

namespace layers {

/// dim/2 angular frequencies in radians a position, the fastest first, in a
/// model of that context.
std::vector<double> rotaryFrequencies(const spec::Rotary &rotary,
                                      int64_t context);

/// What cosines and sines are multiplied by.
double rotaryMagnitude(const spec::RotaryScaling &scaling);

} // namespace layers

#endif // COMPILER_LAYERS_ROTARYFREQUENCIES_H
