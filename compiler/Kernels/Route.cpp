// kernel.route: the best of a row one after the other, marked by 1 in its
// gates; then all gates at once. Groups are chosen likewise before.
#include "compiler/Kernels/Emitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <limits>

using namespace mlir;
using namespace kernel;
using namespace kernels;

namespace {

struct RouteRow {
  RouteOp op;
  Emitter &e;
  Value scores, correction, gates, compared, row;
  int64_t experts = cast<MemRefType>(op.getScores().getType()).getDimSize(1);
  Value best = {}; ///< the largest score
  Value all = {};  ///< the sum of all weights, once it is known

  void emit() {
    clearGates();
    if (op.compares()) {
      compare();
      if (op.getGroups() > 1)
        keepGroups();
    }
    auto choose = [&] {
      return mark(experts, 1,
                  [&](Value i) { return e.loadScalar(compared, {row, i}); });
    };
    Value first = choose();
    if (!best)
      best = first;
    if (op.getTopK() > 1)
      e.loop(e.index(1), e.index(op.getTopK()), 1, [&](Value) { choose(); });
    weigh();
  }

  void clearGates() {
    e.columns(experts, [&](Value c, Value mask) {
      e.storeColumns(e.splat(0, partials), gates, {row, c}, mask);
    });
  }

  Value is(arith::CmpFPredicate predicate, Value x, Value y) {
    return arith::CmpFOp::create(e.b, e.loc, predicate, x, y);
  }
  Value larger(Value x, Value y) { return is(arith::CmpFPredicate::OLT, y, x); }

  /// Of `count` parts of the gates marks the first of the largest not marked
  /// yet, in its first column; returns what it has.
  Value mark(int64_t count, int64_t width,
             llvm::function_ref<Value(Value part)> valueOf) {
    Value none = e.index(count);
    auto found = e.loop(
        e.index(0), none, 1, {none, e.f32(0)},
        [&](Value i, ValueRange most) -> SmallVector<Value> {
          Value value = valueOf(i);
          Value unmarked =
              is(arith::CmpFPredicate::OEQ,
                 e.loadScalar(gates, {row, e.mul(i, width)}), e.f32(0));
          Value first = arith::CmpIOp::create(
              e.b, e.loc, arith::CmpIPredicate::eq, most[0], none);
          Value better =
              arith::OrIOp::create(e.b, e.loc, first, larger(value, most[1]));
          Value take = e.both(unmarked, better);
          return {e.select(take, i, most[0]), e.select(take, value, most[1])};
        });
    e.store(e.f32(1), gates, {row, e.mul(found[0], width)});
    return found[1];
  }

  /// Stores what decides who is chosen.
  void compare() {
    bool weights = correction || op.getTwoBest();
    if (weights && op.getRouter() == Router::Softmax) {
      best = e.loop(e.index(0), e.index(experts), 1, {lowest()},
                    [&](Value i, ValueRange most) -> SmallVector<Value> {
                      Value score = e.loadScalar(scores, {row, i});
                      return {e.select(larger(score, most[0]), score, most[0])};
                    })[0];
      all = sum(false);
    }
    e.columns(experts, [&](Value c, Value mask) {
      Value value =
          weights ? weightOf(c, mask) : e.loadColumns(scores, {row, c}, mask);
      if (all)
        value = arith::DivFOp::create(e.b, e.loc, value, all);
      if (correction)
        value = arith::AddFOp::create(e.b, e.loc, value,
                                      e.loadColumns(correction, {c}, mask));
      e.storeColumns(value, compared, {row, c}, mask);
    });
  }

  Value lowest() { return e.f32(-std::numeric_limits<double>::infinity()); }

  /// The largest of a group, or the sum of its two largest.
  Value bestOf(Value group, int64_t size) {
    Value first = e.mul(group, size);
    auto most = e.loop(first, e.add(first, size), 1, {lowest(), lowest()},
                       [&](Value i, ValueRange most) -> SmallVector<Value> {
                         Value value = e.loadScalar(compared, {row, i});
                         Value leads = larger(value, most[0]);
                         Value second =
                             e.select(larger(value, most[1]), value, most[1]);
                         return {e.select(leads, value, most[0]),
                                 e.select(leads, most[0], second)};
                       });
    if (!op.getTwoBest())
      return most[0];
    return arith::AddFOp::create(e.b, e.loc, most[0], most[1]);
  }

  /// Marks the best groups, then takes the others out of the comparison.
  void keepGroups() {
    int64_t groups = op.getGroups(), size = experts / groups;
    e.loop(e.index(0), e.index(op.getTopGroups()), 1, [&](Value) {
      mark(groups, size, [&](Value group) { return bestOf(group, size); });
    });
    e.loop(e.index(0), e.index(groups), 1, [&](Value group) {
      Value first = e.mul(group, size);
      Value left = is(arith::CmpFPredicate::OEQ,
                      e.loadScalar(gates, {row, first}), e.f32(0));
      e.ifThen(left, [&] {
        e.loop(first, e.add(first, size), 1,
               [&](Value i) { e.store(lowest(), compared, {row, i}); });
      });
    });
    clearGates();
  }

  /// What a score weighs before it is divided.
  Value weightOf(Value c, Value mask) {
    Value score = e.loadColumns(scores, {row, c}, mask);
    if (op.getRouter() == Router::Softmax)
      return emitExp(e, arith::SubFOp::create(e.b, e.loc, score,
                                              e.broadcast(best, partials)));
    Value inverse = emitExp(e, arith::NegFOp::create(e.b, e.loc, score));
    Value one = e.splat(1, partials);
    return arith::DivFOp::create(
        e.b, e.loc, one, arith::AddFOp::create(e.b, e.loc, one, inverse));
  }
  Value ofChosen(Value weight, Value c, Value mask) {
    return arith::MulFOp::create(e.b, e.loc, weight,
                                 e.loadColumns(gates, {row, c}, mask));
  }

  /// The sum of all weights, or of the chosen.
  Value sum(bool chosen) {
    auto add = [&](Value sum, Value c, Value mask) -> Value {
      Value weight = weightOf(c, mask);
      if (chosen)
        weight = ofChosen(weight, c, mask);
      else if (mask)
        weight = e.select(mask, weight, e.splat(0, partials));
      return arith::AddFOp::create(e.b, e.loc, sum, weight);
    };
    Value total = e.foldColumns(experts, e.splat(0, partials), add);
    return e.broadcast(sumTree(e, total), partials);
  }

  /// What the weights are divided by; null if they stay as they are.
  Value divisor() {
    if (op.getNormalise())
      return sum(true);
    if (op.getRouter() == Router::Softmax)
      return all ? all : sum(false);
    return Value();
  }

  void weigh() {
    Value total = divisor();
    double scale = op.getScale().convertToDouble();
    e.columns(experts, [&](Value c, Value mask) {
      Value gate = ofChosen(weightOf(c, mask), c, mask);
      if (total)
        gate = arith::DivFOp::create(e.b, e.loc, gate, total);
      if (scale != 1)
        gate =
            arith::MulFOp::create(e.b, e.loc, gate, e.splat(scale, partials));
      e.storeColumns(gate, gates, {row, c}, mask);
    });
  }
};

} // namespace

void kernels::emitRoute(RouteOp op) {
  forRows(op, "route", op.getCount(), op.getStep(), {},
          [&](Emitter &e, KernelFunction &f, Value row) {
            Value scores = f[op.getScores()], correction;
            if (op.getCorrection())
              correction = f[op.getCorrection()];
            Value compared = op.compares() ? f[op.getInits()[1]] : scores;
            RouteRow{op,       e,  scores, correction, f[op.getInits()[0]],
                     compared, row}
                .emit();
          });
}
