// kernel.linear_attention -> for each sequence and head of keys its rows in
// order: into the sums, then answered from them.
//
// One row after the other, so that no cut of a sequence changes a sum.
#include "compiler/Kernels/Tiles.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace kernel;
using namespace kernels;

static bool isRows(Value buffer) {
  return cast<MemRefType>(buffer.getType()).getRank() == 2;
}

namespace {

/// Rows of one sequence and the heads that share one head of keys.
struct Group {
  LinearAttentionOp op;
  KernelFunction &f;
  Emitter e;
  Value group, first, end; ///< head of keys; rows of the sequence

  Group(LinearAttentionOp op, KernelFunction &f)
      : op(op), f(f), e(f.builder(), op.getLoc()), group(f.extra(0)),
        first(f.extra(1)), end(f.extra(2)) {}

  StateAttr state = op.getState();
  int64_t shared = op.getHeads() / state.getKvHeads(); ///< heads of the group
  Value products, keys; ///< [G][D][padded E] and [G][padded D] of the cache
  Value decay;          ///< of the group, for all rows or the one at hand

  Value share(ArrayRef<int64_t> shape, int64_t offset) {
    return RowCacheOp::create(
        e.b, e.loc, MemRefType::get(shape, e.b.getF32Type()), f[op.getStep()],
        first, e.add(f[op.getSlot()], offset));
  }
  /// 16 values from column c of a head's `width`, 0 behind them.
  Value part(Value rows, Value row, Value head, int64_t width, Value c) {
    Value valid = e.min(e.sub(e.index(width), c), e.index(partials));
    return e.loadMasked(f[rows], {row, e.add(e.mul(head, width), c)},
                        e.mask(valid, partials), partials);
  }
  Value scalar(Value rows, Value row, Value head, Value d) {
    Value at = e.add(e.mul(head, state.getHeadDim()), d);
    return e.broadcast(e.loadScalar(f[rows], {row, at}), partials);
  }
  void columns(int64_t width, llvm::function_ref<void(Value c)> body) {
    e.loop(e.index(0), e.index(width), partials, body);
  }
  void dimensions(llvm::function_ref<void(Value d)> body) {
    e.loop(e.index(0), e.index(state.getHeadDim()), 1, body);
  }

  /// A sum before something is added to it.
  Value decayed(Value sum) {
    return decay ? arith::MulFOp::create(e.b, e.loc, sum, decay).getResult()
                 : sum;
  }
  void loadDecay(ValueRange row) {
    SmallVector<Value> at(row);
    at.push_back(group);
    decay = e.broadcast(e.loadScalar(f[op.getDecay()], at), partials);
  }

  void emit(Value positions, Value limits);
  void causal(Value positions);
  void behindPrefix(Value position, Value limits);
  void clear();
  void add(Value row);
  void answer(Value row, Value seen);
  Value divisor(Value row, Value head, Value seen);
};

void Group::clear() {
  Value zero = e.splat(0, partials);
  columns(state.paddedHeadDim(),
          [&](Value c) { e.store(zero, keys, {group, c}); });
  dimensions([&](Value d) {
    columns(state.paddedValueDim(),
            [&](Value c) { e.store(zero, products, {group, d, c}); });
  });
}

void Group::add(Value row) {
  int64_t headDim = state.getHeadDim(), valueDim = state.getValueDim();
  columns(state.paddedHeadDim(), [&](Value c) {
    Value sum = e.load(keys, {group, c}, partials);
    Value k = part(op.getKey(), row, group, headDim, c);
    Value next = decay ? e.fma(sum, decay, k)
                       : arith::AddFOp::create(e.b, e.loc, sum, k).getResult();
    e.store(next, keys, {group, c});
  });
  columns(state.paddedValueDim(), [&](Value c) {
    Value v = part(op.getValue(), row, group, valueDim, c);
    dimensions([&](Value d) {
      Value sum = e.load(products, {group, d, c}, partials);
      Value k = scalar(op.getKey(), row, group, d);
      e.store(e.fma(k, v, decayed(sum)), products, {group, d, c});
    });
  });
}

Value Group::divisor(Value row, Value head, Value seen) {
  if (op.getDivisor() == Divisor::Number)
    return asReal(e, seen);
  Value sums =
      e.loop(e.index(0), e.index(state.paddedHeadDim()), partials,
             {e.splat(0, partials)},
             [&](Value c, ValueRange sum) -> SmallVector<Value> {
               Value q = part(op.getQuery(), row, head, state.getHeadDim(), c);
               return {e.fma(q, e.load(keys, {group, c}, partials), sum[0])};
             })[0];
  return sumTree(e, sums);
}

void Group::answer(Value row, Value seen) {
  Value zero = e.splat(0, partials);
  e.loop(e.index(0), e.index(shared), 1, [&](Value i) {
    Value head = e.add(e.mul(group, shared), i);
    std::optional<Quotient> share;
    if (op.getDivisor() != Divisor::One)
      share.emplace(e, divisor(row, head, seen));
    Value base = e.mul(head, state.getValueDim());
    e.columns(state.getValueDim(), [&](Value c, Value mask) {
      Value y = e.loop(e.index(0), e.index(state.getHeadDim()), 1, {zero},
                       [&](Value d, ValueRange sum) -> SmallVector<Value> {
                         Value q = scalar(op.getQuery(), row, head, d);
                         Value s = e.load(products, {group, d, c}, partials);
                         return {e.fma(q, s, sum[0])};
                       })[0];
      e.storeColumns(share ? share->of(e, y) : y, f[op.getInits()[0]],
                     {row, e.add(base, c)}, mask);
    });
  });
}

void Group::causal(Value positions) {
  bool vector = op.getDecay() && !isRows(op.getDecay());
  if (vector)
    loadDecay({});
  e.loop(first, end, 1, [&](Value row) {
    if (op.getDecay() && !vector)
      loadDecay(row);
    add(row);
    answer(row, e.add(e.loadIndex(positions, {row}), 1));
  });
}

/// The first row of a prefix sees all of it, so that these are added before;
/// they come in one step.
void Group::behindPrefix(Value position, Value limits) {
  e.loop(first, end, 1, {first},
         [&](Value row, ValueRange added) -> SmallVector<Value> {
           Value seen = e.loadIndex(limits, {row});
           Value next = e.add(first, e.sub(seen, position));
           e.loop(added[0], next, 1, [&](Value late) { add(late); });
           answer(row, seen);
           return {next};
         });
}

void Group::emit(Value positions, Value limits) {
  int64_t groups = state.getKvHeads();
  products = share({groups, state.getHeadDim(), state.paddedValueDim()}, 0);
  keys = share({groups, state.paddedHeadDim()}, state.productBytes());
  Value position = e.loadIndex(positions, {first});
  e.ifThen(e.less(position, e.index(1)), [&] { clear(); });
  if (op.getMask() == Mask::Causal)
    return causal(positions);
  if (op.getMask() == Mask::Prefix)
    return behindPrefix(position, limits);
  e.loop(first, end, 1, [&](Value row) { add(row); });
  e.loop(first, end, 1, [&](Value row) { answer(row, e.sub(end, first)); });
}

} // namespace

void kernels::emitLinearAttention(LinearAttentionOp op) {
  OpBuilder b(op);
  Emitter e(b, op.getLoc());
  int64_t capacity = dimOf(op.getQuery(), 0);
  Value positions = positionsOf(b, op.getLoc(), op.getStep(), capacity);
  Value starts = BufferOp::create(
      b, op.getLoc(), MemRefType::get({capacity + 1}, b.getI32Type()),
      Buffer::Starts, op.getStep(), e.index(0));
  Value sequences = CountOp::create(b, op.getLoc(), b.getIndexType(),
                                    Count::Sequences, op.getStep());
  SmallVector<Value> values(op->getOperands());
  values.push_back(positions);
  Value limits;
  if (op.getMask() == Mask::Prefix)
    values.push_back(limits = limitsOf(b, op.getLoc(), op.getStep(), capacity));
  KernelFunction f(op, "linear_attention", values, 3);
  Group(op, f).emit(f[positions], limits ? f[limits] : Value());
  int64_t groups = op.getState().getKvHeads();
  e.parallel(e.mul(sequences, groups), [&](Value i) {
    Value sequence = e.div(i, groups);
    Value first = e.loadIndex(starts, {sequence});
    Value end = e.loadIndex(starts, {e.add(sequence, 1)});
    f.call(e, {e.rem(i, groups), first, end});
  });
  op.erase();
}
