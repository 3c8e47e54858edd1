// Query, key and value maps, the norm and rotation of heads, attention itself,
// the output map.
#include "compiler/Layers/HeadMaps.h"
#include "compiler/Layers/RotaryFrequencies.h"
#include "compiler/Layers/ScoreBias.h"
#include "compiler/Spec/Parser.h"

using namespace mlir;

namespace layers {

/// Queries or keys, ready to be compared.
static Value buildRotated(LayerBuilder &at, const spec::Layer &layer,
                          const spec::Attention &attention, StringRef name,
                          Value x, int64_t heads, bool bias) {
  x = buildHeads(at, layer, attention, name, x, heads, bias);
  if (!attention.rotary)
    return x;
  const spec::Rotary &rotary = *attention.rotary;
  auto layout = rotary.layout == spec::RotaryLayout::Halves
                    ? transformer::RotaryLayout::Halves
                    : transformer::RotaryLayout::Pairs;
  return at.create<transformer::RotaryOp>(
      layout, x, at.rows, attention.headDim, rotary.dim,
      rotaryFrequencies(rotary, contextOf(layer, at.spec)),
      rotaryMagnitude(rotary.scaling));
}

static IntegerAttr optionalSize(OpBuilder &builder,
                                std::optional<int64_t> value) {
  return value ? builder.getI64IntegerAttr(*value) : IntegerAttr();
}

transformer::Mask toDialect(spec::Mask mask) {
  switch (mask) {
  case spec::Mask::None:
    return transformer::Mask::None;
  case spec::Mask::Causal:
    return transformer::Mask::Causal;
  case spec::Mask::Prefix:
    return transformer::Mask::Prefix;
  }
  llvm_unreachable("all masks are listed");
}

static transformer::Scores toDialect(spec::Scores scores) {
  switch (scores) {
  case spec::Scores::Softmax:
    break;
  case spec::Scores::Linear:
    return transformer::Scores::Linear;
  case spec::Scores::Relu:
    return transformer::Scores::Relu;
  case spec::Scores::Hard:
    return transformer::Scores::Hard;
  }
  llvm_unreachable("softmax is an op of its own");
}

transformer::Normalise toDialect(spec::Normalise normalise) {
  switch (normalise) {
  case spec::Normalise::None:
    return transformer::Normalise::None;
  case spec::Normalise::Rows:
    return transformer::Normalise::Rows;
  case spec::Normalise::Number:
    return transformer::Normalise::Number;
  }
  llvm_unreachable("all divisors are listed");
}

static Value buildTiles(LayerBuilder &at, const spec::Layer &layer,
                        const spec::Attention &attention, Value q, Value k,
                        Value v) {
  int64_t heads = attention.heads, tile = *attention.tile;
  int64_t apart = 2 * tile - 1; // in one direction
  Value table;
  if (attention.table)
    table = at.weight(layer, "table.weight", {apart * apart, heads});
  return at.create<transformer::GridAttentionOp>(
      q, k, v, table,
      ArrayRef<int64_t>{attention.gridHeight, attention.gridWidth}, tile,
      attention.shift.value_or(0), heads, attention.kvHeads, attention.scale);
}

/// Segments have a window of themselves and the rows that are seen beside them.
static std::optional<int64_t> windowOf(const spec::Attention &attention) {
  return attention.segment ? attention.memory.value_or(0) + 1
                           : attention.window;
}

Value build(LayerBuilder &at, const spec::Layer &layer,
            const spec::Attention &attention, Value x) {
  Sources sources = reduceRows(at, layer, attention.reduce, x);
  int64_t heads = attention.heads, kvHeads = attention.kvHeads;
  Value placed = at.withPosition(layer, attention.added, "position", x, at.rows,
                                 contextOf(layer, at.spec));
  Value q = buildRotated(at, layer, attention, "query", placed, heads,
                         attention.queryBias);
  Value k = buildRotated(at, layer, attention, "key",
                         attention.reduce ? sources.x : placed, kvHeads,
                         attention.keyBias);
  Value v = at.linear(layer, "value", sources.x, kvHeads * attention.valueDim,
                      attention.valueBias);
  const spec::AttentionTaps &taps = attention.taps;
  q = tapped(at, layer, taps.queries, "queries", q, heads);
  k = tapped(at, layer, taps.keys, "keys", k, kvHeads);
  v = tapped(at, layer, taps.values, "values", v, kvHeads);
  StringAttr weights = nameOfTap(at, layer, taps.weights, "weights");
  StringAttr scores = nameOfTap(at, layer, taps.scores, "scores");
  transformer::Mask mask = toDialect(attention.mask);
  Value seen;
  if (attention.tile)
    seen = buildTiles(at, layer, attention, q, k, v);
  else if (sources.rows != at.rows)
    seen = at.create<transformer::CrossAttentionOp>(
        q, k, v, at.rows, sources.rows, heads, kvHeads, attention.scale,
        softcapOf(at, attention), weights, scores);
  else if (attention.scores == spec::Scores::Softmax)
    seen = at.create<transformer::AttentionOp>(
        mask, q, k, v, at.rows, buildScoreBias(at, layer, attention), heads,
        kvHeads, attention.scale, optionalSize(at.builder, windowOf(attention)),
        optionalSize(at.builder, attention.segment),
        optionalSize(at.builder,
                     attention.global ? attention.global : attention.sinks),
        attention.global.has_value(),
        optionalSize(at.builder, attention.random.segments),
        attention.random.seed, softcapOf(at, attention), weights, scores);
  else
    seen = at.create<transformer::ScoreAttentionOp>(
        toDialect(attention.scores), mask, q, k, v, at.rows, heads, kvHeads,
        attention.scale, toDialect(attention.normalise),
        attention.sources == spec::Sources::ButLast);
  return at.linear(layer, "output", gated(at, layer, attention.gate, x, seen),
                   layer.dimOut, attention.outputBias);
}

} // namespace layers
