// From the spec to the `transformer` dialect: what the model computes.
#ifndef COMPILER_LAYERS_BUILDMODEL_H
#define COMPILER_LAYERS_BUILDMODEL_H

#include "compiler/Spec/Spec.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace layers {

/// A module with one function, named after the model, of a spec that has been
/// checked. Ops have the places of their layers in the spec; layers that come
/// from no file have their names instead. Null after an error, which the
/// context's handler has got.
mlir::OwningOpRef<mlir::ModuleOp> buildModel(mlir::MLIRContext &context,
                                             const spec::Spec &spec);

} // namespace layers

#endif // COMPILER_LAYERS_BUILDMODEL_H
