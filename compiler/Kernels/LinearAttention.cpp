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

/// Neighbouring columns of a value, in vectors of 16 of which the last may not
/// be full.
struct Columns {
  Value first;
  int64_t count;

  int64_t vectors() const { return llvm::divideCeilSigned(count, partials); }
  Value at(Emitter &e, int64_t j) const { return e.add(first, j * partials); }
  Value mask(Emitter &e, int64_t j) const {
    int64_t left = count - j * partials;
    return left < partials ? e.mask(e.index(left), partials) : Value();
  }
};

/// Vectors of columns side by side: a sum over d waits for its last term, and
/// others fill the time.
constexpr int64_t side = 4;

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
  /// 16 values from column c of a head of keys, 0 behind them.
  Value part(Value rows, Value row, Value head, Value c) {
    int64_t width = state.getHeadDim();
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
  /// Of all columns of a value, those whose sums are taken side by side.
  void values(llvm::function_ref<void(const Columns &)> body);
  /// Of those columns sum_d x[row, head, d] S[d], of sums that have `faded`.
  SmallVector<Value> read(Value rows, Value row, Value head,
                          const Columns &columns, bool faded);

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
  void addKey(Value row);
  SmallVector<Value> missing(Value row, const Columns &columns,
                             ArrayRef<Value> values);
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

void Group::values(llvm::function_ref<void(const Columns &)> body) {
  int64_t width = state.getValueDim(), block = side * partials;
  int64_t whole = width / block * block;
  if (whole)
    e.loop(e.index(0), e.index(whole), block,
           [&](Value c) { body({c, block}); });
  if (width != whole)
    body({e.index(whole), width - whole});
}

SmallVector<Value> Group::read(Value rows, Value row, Value head,
                               const Columns &columns, bool faded) {
  SmallVector<Value> zeros(size_t(columns.vectors()), e.splat(0, partials));
  return e.loop(e.index(0), e.index(state.getHeadDim()), 1, zeros,
                [&](Value d, ValueRange sums) {
                  Value x = scalar(rows, row, head, d);
                  SmallVector<Value> next;
                  for (auto [j, sum] : llvm::enumerate(sums)) {
                    Value s =
                        e.load(products, {group, d, columns.at(e, int64_t(j))},
                               partials);
                    next.push_back(e.fma(x, faded ? s : decayed(s), sum));
                  }
                  return next;
                });
}

void Group::addKey(Value row) {
  columns(state.paddedHeadDim(), [&](Value c) {
    Value sum = e.load(keys, {group, c}, partials);
    Value k = part(op.getKey(), row, group, c);
    Value next = decay ? e.fma(sum, decay, k)
                       : arith::AddFOp::create(e.b, e.loc, sum, k).getResult();
    e.store(next, keys, {group, c});
  });
}

/// What the sums do not answer to the row's key, as much as they take of it.
SmallVector<Value> Group::missing(Value row, const Columns &columns,
                                  ArrayRef<Value> values) {
  Value share =
      e.broadcast(e.loadScalar(f[op.getDelta()], {row, group}), partials);
  SmallVector<Value> answers =
      read(op.getKey(), row, group, columns, /*faded=*/false);
  for (auto [answer, value] : llvm::zip_equal(answers, values)) {
    Value left = arith::SubFOp::create(e.b, e.loc, value, answer);
    answer = arith::MulFOp::create(e.b, e.loc, share, left);
  }
  return answers;
}

void Group::add(Value row) {
  if (!op.getDelta())
    addKey(row);
  values([&](const Columns &columns) {
    SmallVector<Value> taken;
    Value base = e.mul(group, state.getValueDim());
    for (int64_t j = 0; j < columns.vectors(); ++j)
      taken.push_back(e.loadColumns(f[op.getValue()],
                                    {row, e.add(base, columns.at(e, j))},
                                    columns.mask(e, j)));
    if (op.getDelta())
      taken = missing(row, columns, taken);
    dimensions([&](Value d) {
      Value k = scalar(op.getKey(), row, group, d);
      for (int64_t j = 0; j < columns.vectors(); ++j) {
        SmallVector<Value> at{group, d, columns.at(e, j)};
        Value sum = decayed(e.load(products, at, partials));
        e.store(e.fma(k, taken[size_t(j)], sum), products, at);
      }
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
               Value q = part(op.getQuery(), row, head, c);
               return {e.fma(q, e.load(keys, {group, c}, partials), sum[0])};
             })[0];
  return sumTree(e, sums);
}

void Group::answer(Value row, Value seen) {
  e.loop(e.index(0), e.index(shared), 1, [&](Value i) {
    Value head = e.add(e.mul(group, shared), i);
    std::optional<Quotient> share;
    if (op.getDivisor() != Divisor::One)
      share.emplace(e, divisor(row, head, seen));
    Value base = e.mul(head, state.getValueDim());
    values([&](const Columns &columns) {
      SmallVector<Value> sums =
          read(op.getQuery(), row, head, columns, /*faded=*/true);
      for (auto [j, sum] : llvm::enumerate(sums))
        e.storeColumns(share ? share->of(e, sum) : sum, f[op.getInits()[0]],
                       {row, e.add(base, columns.at(e, int64_t(j)))},
                       columns.mask(e, int64_t(j)));
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
  SmallVector<Value> buffers;
  if (op.getMask() == Mask::Prefix) {
    OpBuilder b(op);
    buffers.push_back(
        limitsOf(b, op.getLoc(), op.getStep(), dimOf(op.getQuery(), 0)));
  }
  forSequences(op, "linear_attention", op.getStep(), op.getQuery(),
               op.getState().getKvHeads(), buffers,
               [&](KernelFunction &f, Value positions) {
                 Value limits = buffers.empty() ? Value() : f[buffers[0]];
                 Group(op, f).emit(positions, limits);
               });
}
