// What attention adds to its scores for the distance between query and key.
#ifndef COMPILER_LAYERS_SCOREBIAS_H
#define COMPILER_LAYERS_SCOREBIAS_H

#include "compiler/Layers/LayerBuilder.h"

#include <vector>

namespace layers {

/// Of each head, as published with Press et al. 2022.
std::vector<double> alibiSlopes(int64_t heads);

/// Null if the attention has none.
mlir::Value buildScoreBias(LayerBuilder &at, const spec::Layer &layer,
                           const spec::Attention &attention);

} // namespace layers

#endif // COMPILER_LAYERS_SCOREBIAS_H
