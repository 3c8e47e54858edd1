// The error model: how far single precision may be from the exact result.
//
// A sum of products that is added up in order, each addition rounded, is the
// exact sum with other weights: the k-th weight times (1 + e_k)(1 + e_k+1)...,
// where e_j is the rounding of the j-th addition, at most u = 2^-24 (Higham,
// Accuracy and Stability of Numerical Algorithms, section 3.1). So the exact
// evaluation with each weight changed that way, e_j drawn at random, shows how
// far a correct program in single precision comes out at each layer. That
// holds for any depth of sums, any number of layers and any conditioning:
// where norms or softmax magnify roundings, they magnify these as well.
#ifndef COMPILER_VERIFY_ROUNDING_H
#define COMPILER_VERIFY_ROUNDING_H

#include "compiler/Reference/Evaluate.h"

namespace verify {

/// The unit roundoff of single precision.
inline constexpr double unitRoundoff = 0x1p-24;

/// The weights with the roundings of one evaluation in them, pseudo-random,
/// each of at most `unit`.
reference::Weights withRoundings(reference::Weights weights,
                                 double unit = unitRoundoff);

/// Where rows are rounded to integers or bf16, a single-precision rounding
/// before can move one across a tie: a whole step, but seldom. The evaluation
/// that stands for all of them draws its roundings from a range so much wider,
/// which finds such values in it as surely as in the program, and is still far
/// below a step.
inline constexpr double tieRoundoff = 0x1p-16;

/// The error that passes where the roundings made `deviation` (both relative
/// to the largest value). Four times as much, since one draw of roundings
/// stands for all of them and activations, exponentials and attention have
/// roundings of their own; and four units for outputs that hardly depend on
/// sums, such as embeddings.
inline double allowedError(double deviation) {
  return 4 * deviation + 4 * unitRoundoff;
}

} // namespace verify

#endif // COMPILER_VERIFY_ROUNDING_H
