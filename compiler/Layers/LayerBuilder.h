// What every layer needs while it is built: a builder, the step's rows, its
// weights by name.
#ifndef COMPILER_LAYERS_LAYERBUILDER_H
#define COMPILER_LAYERS_LAYERBUILDER_H

#include "compiler/Spec/Spec.h"
#include "dialects/Transformer/Transformer.h"

#include "mlir/IR/Builders.h"

namespace layers {

class LayerBuilder {
public:
  /// Inserts at the builder's place; `first` is the model's first leaf, `rows`
  /// the function's argument at first. In a decoder `source` are the rows of
  /// its source and `memory` what the encoder has made of them.
  LayerBuilder(mlir::OpBuilder &builder, const spec::Spec &spec,
               const spec::Layer &first, mlir::Value rows,
               mlir::Value source = {}, mlir::Value memory = {})
      : builder(builder), spec(spec), first(first), rows(rows), source(source),
        memory(memory) {}

  mlir::OpBuilder &builder;
  const spec::Spec &spec;
  const spec::Layer &first;
  mlir::Value rows; ///< those that layers which change their number have made
  const mlir::Value source, memory; ///< null outside of decoders

  /// The layer applied to x: rows, or the model's input for the first layer.
  mlir::Value build(const spec::Layer &layer, mlir::Value x);
  mlir::Value build(const spec::Layers &layers, mlir::Value x);

  /// The parameter `<scope>.<name>` of the layer, [size] or [rows, columns].
  mlir::Value weight(const spec::Layer &layer, llvm::StringRef name,
                     llvm::ArrayRef<int64_t> shape,
                     spec::Dtype dtype = spec::Dtype::F32);
  /// The same, but one for all repetitions of the layer.
  mlir::Value sharedWeight(const spec::Layer &layer, llvm::StringRef name,
                           llvm::ArrayRef<int64_t> shape);
  /// x with vectors of a table added, by the positions that `rows` says; x
  /// itself where nothing is to be added.
  mlir::Value withPosition(const spec::Layer &layer,
                           const std::optional<spec::AddedPosition> &added,
                           llvm::StringRef name, mlir::Value x,
                           mlir::Value rows, int64_t context);
  /// A weight of the layer's own for a matrix that is stored as the layer or
  /// the model says.
  mlir::Value matrix(const spec::Layer &layer, llvm::StringRef name,
                     int64_t rows, int64_t columns);
  /// `<scope>.<name>.weight` and, when there is one, `<scope>.<name>.bias`.
  mlir::Value linear(const spec::Layer &layer, llvm::StringRef name,
                     mlir::Value x, int64_t outputs, bool bias);
  mlir::Value activation(spec::Activation kind, mlir::Value x);
  mlir::Value activation(spec::Gate kind, mlir::Value x);
  /// The depthwise convolution `<scope>.<name>weight` of rows with those before
  /// them and, when there is one, `<scope>.<name>bias`.
  mlir::Value shortConv(const spec::Layer &layer, const std::string &name,
                        mlir::Value x, int64_t size, bool bias);

  /// Creates an op at the place of the layer that is being built.
  template <class Op, class... Args> mlir::Value create(Args &&...args) {
    return Op::create(builder, location, std::forward<Args>(args)...);
  }
  mlir::Location here() const { return location; }

  /// The induction variables that the letters {i}, {j}, ... of weight names
  /// stand for; the outermost first.
  llvm::SmallVector<mlir::Value> indices;

private:
  mlir::Location location = mlir::UnknownLoc::get(builder.getContext());
};

/// The place in the spec, or `name` when there is none.
mlir::Location locate(mlir::MLIRContext *context, const spec::Spec &spec,
                      spec::Place place, llvm::StringRef name);

int64_t widthOf(mlir::Value x);

transformer::NormKind toDialect(spec::NormKind kind);
transformer::Mask toDialect(spec::Mask mask);
transformer::Normalise toDialect(spec::Normalise normalise);

/// Windows of x side by side, and the rows that they are.
transformer::UnfoldOp unfold(LayerBuilder &at, const spec::Layer &layer,
                             const spec::Window &window,
                             transformer::Order order, mlir::Value x);

/// The name of a part of what a layer hands out; null if it is not wanted.
mlir::StringAttr nameOfTap(LayerBuilder &at, const spec::Layer &layer,
                           bool wanted, llvm::StringRef what);
/// x, rows of so many heads, which the caller may look at where it is wanted.
mlir::Value tapped(LayerBuilder &at, const spec::Layer &layer, bool wanted,
                   llvm::StringRef what, mlir::Value x, int64_t heads);

/// An mlp whose weights have names below `prefix`, "" or ended by a dot.
mlir::Value buildMlp(LayerBuilder &at, const spec::Layer &layer,
                     const std::string &prefix, const spec::Mlp &mlp,
                     mlir::Value x);

// One file each.
mlir::Value build(LayerBuilder &, const spec::Layer &, const spec::Embed &,
                  mlir::Value tokens);
mlir::Value build(LayerBuilder &, const spec::Layer &, const spec::Position &,
                  mlir::Value x);
mlir::Value build(LayerBuilder &, const spec::Layer &, const spec::Patch &,
                  mlir::Value images);
mlir::Value build(LayerBuilder &, const spec::Layer &, const spec::Rows &,
                  mlir::Value reals);
mlir::Value build(LayerBuilder &, const spec::Layer &, const spec::Queries &,
                  mlir::Value none);
mlir::Value build(LayerBuilder &, const spec::Layer &, const spec::Types &,
                  mlir::Value x);
mlir::Value build(LayerBuilder &, const spec::Layer &, const spec::Prepend &,
                  mlir::Value x);
mlir::Value build(LayerBuilder &, const spec::Layer &, const spec::Norm &,
                  mlir::Value x);
mlir::Value build(LayerBuilder &, const spec::Layer &, const spec::Attention &,
                  mlir::Value x);
mlir::Value build(LayerBuilder &, const spec::Layer &,
                  const spec::CrossAttention &, mlir::Value x);
mlir::Value build(LayerBuilder &, const spec::Layer &,
                  const spec::LinearAttention &, mlir::Value x);
mlir::Value build(LayerBuilder &, const spec::Layer &,
                  const spec::LatentAttention &, mlir::Value x);
mlir::Value build(LayerBuilder &, const spec::Layer &, const spec::Mlp &,
                  mlir::Value x);
mlir::Value build(LayerBuilder &, const spec::Layer &, const spec::Moe &,
                  mlir::Value x);
mlir::Value build(LayerBuilder &, const spec::Layer &, const spec::Linear &,
                  mlir::Value x);
mlir::Value build(LayerBuilder &, const spec::Layer &, const spec::Conv &,
                  mlir::Value x);
mlir::Value build(LayerBuilder &, const spec::Layer &, const spec::Merge &,
                  mlir::Value x);
mlir::Value build(LayerBuilder &, const spec::Layer &, const spec::Scale &,
                  mlir::Value x);
mlir::Value build(LayerBuilder &, const spec::Layer &, const spec::Softcap &,
                  mlir::Value x);
mlir::Value build(LayerBuilder &, const spec::Layer &, const spec::Pool &,
                  mlir::Value x);
mlir::Value build(LayerBuilder &, const spec::Layer &, const spec::Tap &,
                  mlir::Value x);
mlir::Value build(LayerBuilder &, const spec::Layer &, const spec::Logits &,
                  mlir::Value x);
mlir::Value build(LayerBuilder &, const spec::Layer &, const spec::Residual &,
                  mlir::Value x);
mlir::Value build(LayerBuilder &, const spec::Layer &, const spec::Parallel &,
                  mlir::Value x);
mlir::Value build(LayerBuilder &, const spec::Layer &, const spec::Outputs &,
                  mlir::Value x);
mlir::Value build(LayerBuilder &, const spec::Layer &, const spec::Exit &,
                  mlir::Value x);
mlir::Value build(LayerBuilder &, const spec::Layer &, const spec::Sequence &,
                  mlir::Value x);
mlir::Value build(LayerBuilder &, const spec::Layer &, const spec::Repeat &,
                  mlir::Value x);

} // namespace layers

#endif // COMPILER_LAYERS_LAYERBUILDER_H
