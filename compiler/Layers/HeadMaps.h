// What the kinds of attention share.
#ifndef COMPILER_LAYERS_HEADMAPS_H
#define COMPILER_LAYERS_HEADMAPS_H

#include "compiler/Layers/LayerBuilder.h"

namespace layers {

/// The map to queries or keys ("query", "key") of so many heads, and their
/// norm.
mlir::Value buildHeads(LayerBuilder &at, const spec::Layer &layer,
                       const spec::HeadMaps &attention, llvm::StringRef name,
                       mlir::Value x, int64_t heads, bool bias);

/// What keys and values are made of.
struct Sources {
  mlir::Value x, rows;
};

/// Fewer rows that are made of those of x, or these.
Sources reduceRows(LayerBuilder &at, const spec::Layer &layer,
                   const spec::Reduce &reduce, mlir::Value x);

/// What heads read, multiplied by the gate of x where there is one.
mlir::Value gated(LayerBuilder &at, const spec::Layer &layer, spec::Gate gate,
                  mlir::Value x, mlir::Value seen);

mlir::FloatAttr softcapOf(LayerBuilder &at, const spec::HeadMaps &attention);

} // namespace layers

#endif // COMPILER_LAYERS_HEADMAPS_H
