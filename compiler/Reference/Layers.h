// The formulas of the dialect's ops as loops over rows.
#ifndef COMPILER_REFERENCE_LAYERS_H
#define COMPILER_REFERENCE_LAYERS_H

#include "compiler/Reference/Evaluate.h"
#include "dialects/Transformer/Transformer.h"

namespace reference {

/// A parameter: a matrix, or a vector with one column.
struct Weight {
  int64_t rows = 0, columns = 0;
  std::vector<float> values;

  const float *row(int64_t index) const {
    return values.data() + index * columns;
  }
};

/// Rows as int8 and int4 matrices see them, where 32 columns share a scale.
Matrix rounded(const Matrix &x, int64_t columns = 32);
Matrix roundedToBf16(const Matrix &x);
Matrix linear(const Matrix &x, const Weight &weight, const Weight *bias);
Matrix headLinear(transformer::HeadLinearOp op, const Matrix &x,
                  const Weight &weight, const Weight *bias);
Matrix depthwise(const Matrix &x, const Weight &weight, const Weight *bias);
/// Windows that end with their rows.
Matrix shortConv(const Matrix &x, const Weight &weight, const Weight *bias);
Matrix norm(transformer::NormOp op, const Matrix &x, const Weight *weight,
            const Weight *bias);
Matrix activation(transformer::Activation kind, const Matrix &x);
Matrix scale(const Matrix &x, double factor);
Matrix gain(const Matrix &x, const Weight &weight);
Matrix softcap(const Matrix &x, double cap);
Matrix joinHeads(const Matrix &own, const Matrix &rest, int64_t heads,
                 int64_t from);
Matrix add(const Matrix &x, const Matrix &y);
Matrix multiply(const Matrix &x, const Matrix &y);

Matrix route(transformer::RouteOp op, const Matrix &scores,
             const Weight *correction);
/// The rows whose gate for an expert is not 0, and back: y += gate * theirs.
Matrix chosenRows(const Matrix &x, const Matrix &gates, int64_t expert);
void addChosen(Matrix &y, const Matrix &theirs, const Matrix &gates,
               int64_t expert);

Matrix embed(const Input &input, const Weight &table, double scale);
Matrix patches(const Input &input, transformer::PatchesOp op);
Matrix unfold(transformer::UnfoldOp op, const Matrix &x);
Matrix mix(const Matrix &x, const Weight &table);
Matrix rowsOfInput(const Input &input, int64_t width);
/// Sinusoids without a table.
Matrix position(transformer::PositionOp op, const Matrix &x,
                const Weight *table);
/// The table as a sequence, so many times.
Matrix queries(int64_t sequences, const Weight &table);
/// Without types all are 0.
Matrix types(transformer::TypesOp op, const Matrix &x, const Input &input,
             const Weight &table);
Matrix prepend(const Matrix &x, const Weight &table);
Matrix rotary(transformer::RotaryOp op, const Matrix &x);
Matrix pool(transformer::PoolKind kind, const Matrix &x);
Matrix outputs(Outputs which, const Matrix &x);
/// The largest softmax probability of a row.
double surest(const Matrix &scores, int64_t row);

/// Every row and head: the sum of the values of the rows [first, last) that
/// `sees` names, by weights that `weigh` makes of the products of query and
/// keys; the first key is at that distance from the query. `start` and `end`
/// are those of the keys of the row's sequence, where row number `row` stands,
/// or would if there were that many keys.
Matrix attend(int64_t heads, int64_t kvHeads, const Matrix &q, const Matrix &k,
              const Matrix &v,
              llvm::function_ref<std::pair<int64_t, int64_t>(
                  int64_t row, int64_t start, int64_t end)>
                  sees,
              llvm::function_ref<void(int64_t head, int64_t distance,
                                      std::vector<double> &scores)>
                  weigh);
/// Of each row where the prefix of its sequence ends, with such a mask; else
/// where the sequence begins.
std::vector<int64_t> prefixEnds(transformer::Mask mask, const Matrix &rows,
                                llvm::ArrayRef<int64_t> prefixes);
/// Divides by what `normalise` says, by `norm` where it says nothing.
void divide(std::vector<double> &weights, transformer::Normalise normalise,
            double norm = 1);
/// `buckets` is the table of a learned bias, `prefixes` as of Input, `round`
/// the repetition of the loops around, counted through.
Matrix attention(transformer::AttentionOp op, const Matrix &q, const Matrix &k,
                 const Matrix &v, const Weight *buckets,
                 llvm::ArrayRef<int64_t> prefixes, int64_t round);
/// Which segments of a sequence of `count` rows are drawn for one of them.
std::vector<bool> drawnSegments(transformer::AttentionOp op, int64_t segment,
                                int64_t group, int64_t round, int64_t count);
/// Each row sees those of its tile; `table` may be null.
Matrix gridAttention(transformer::GridAttentionOp op, const Matrix &q,
                     const Matrix &k, const Matrix &v, const Weight *table);
/// What is added to a score of the head whose key is so many rows behind.
double scoreBias(transformer::AttentionOp op, const Weight *buckets,
                 int64_t head, int64_t distance);
/// Keys and values of other rows than the queries, all of which each row sees.
Matrix crossAttention(transformer::CrossAttentionOp op, const Matrix &q,
                      const Matrix &k, const Matrix &v);
Matrix randomFeatures(transformer::RandomFeaturesOp op, const Matrix &x,
                      const Weight &weight);
/// `decay` has a number for each row and head of keys, or one row of them for
/// all, or none; `prefixes` as of Input.
Matrix linearAttention(transformer::LinearAttentionOp op, const Matrix &q,
                       const Matrix &k, const Matrix &v, const Matrix &decay,
                       llvm::ArrayRef<int64_t> prefixes);
/// The same with `delta`, a number for each row and head of keys.
Matrix deltaAttention(transformer::LinearAttentionOp op, const Matrix &q,
                      const Matrix &k, const Matrix &v, const Matrix &decay,
                      const Matrix &delta);
Matrix scoreAttention(transformer::ScoreAttentionOp op, const Matrix &q,
                      const Matrix &k, const Matrix &v);

} // namespace reference

#endif // COMPILER_REFERENCE_LAYERS_H
