// kernel.quantise: rows of words for matmuls with packed weights, see
// KernelOps.td.
#include "compiler/Kernels/Emitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace kernel;
using namespace kernels;

namespace {

struct QuantiseRow {
  Emitter &e;
  Value from, to, row;
  int64_t columns;

  /// Columns [at, at + 16) of the row; zero where there are none, if `last`.
  Value load(Value at, bool last) {
    Value mask;
    if (last)
      mask = e.mask(e.sub(e.index(columns), at), partials);
    return e.loadColumns(from, {row, at}, mask);
  }

  /// The group whose first word is `word`.
  void integers(Value group, int32_t bias, bool last) {
    Value column = e.mul(group, groupColumns), word = e.mul(group, groupWords);
    Value x[] = {load(column, last), load(e.add(column, partials), last)};
    Value magnitudes[2];
    for (int half : {0, 1})
      magnitudes[half] = math::AbsFOp::create(e.b, e.loc, x[half]);
    Value less = arith::CmpFOp::create(e.b, e.loc, arith::CmpFPredicate::OLT,
                                       magnitudes[0], magnitudes[1]);
    Value most = maxTree(e, e.select(less, magnitudes[1], magnitudes[0]));
    Value scale = arith::DivFOp::create(e.b, e.loc, most, e.f32(127));
    // 127 / max of less would overflow.
    Value tiny = arith::CmpFOp::create(e.b, e.loc, arith::CmpFPredicate::OLT,
                                       most, e.f32(0x1p-100));
    Value inverse = e.select(
        tiny, e.f32(0), arith::DivFOp::create(e.b, e.loc, e.f32(127), most));
    Value factor = e.broadcast(inverse, partials), sum;
    auto ints = VectorType::get({partials}, e.b.getI32Type());
    auto bytes = VectorType::get({partials}, e.b.getI8Type());
    for (int half : {0, 1}) {
      Value q = math::RoundEvenOp::create(
          e.b, e.loc, arith::MulFOp::create(e.b, e.loc, x[half], factor));
      q = arith::FPToSIOp::create(e.b, e.loc, ints, q);
      Value packed = arith::TruncIOp::create(e.b, e.loc, bytes, q);
      e.store(e.cast(packed, partials / 4, e.b.getI32Type()), to,
              {row, e.add(word, half * partials / 4)});
      sum = sum ? arith::AddIOp::create(e.b, e.loc, sum, q).getResult() : q;
    }
    Value total = vector::ReductionOp::create(e.b, e.loc,
                                              vector::CombiningKind::ADD, sum);
    Value bits = arith::BitcastOp::create(e.b, e.loc, e.b.getI32Type(), scale);
    e.store(bits, to, {row, e.add(word, groupColumns / 4)});
    e.store(arith::MulIOp::create(e.b, e.loc, total, e.word(-bias)), to,
            {row, e.add(word, groupColumns / 4 + 1)});
  }

  void integers(int32_t bias) {
    int64_t full = columns / groupColumns;
    e.loop(e.index(0), e.index(full), 1,
           [&](Value group) { integers(group, bias, false); });
    if (columns % groupColumns != 0)
      integers(e.index(full), bias, true);
  }

  void pairs() {
    e.columns(columns, [&](Value column, Value mask) {
      Value x = e.loadColumns(from, {row, column}, mask);
      auto type = VectorType::get({partials}, e.b.getBF16Type());
      Value words = e.cast(arith::TruncFOp::create(e.b, e.loc, type, x),
                           partials / 2, e.b.getI32Type());
      SmallVector<Value> at{row, e.div(column, 2)};
      if (mask)
        mask = e.mask(e.index((columns % partials + 1) / 2), partials / 2);
      e.storeColumns(words, to, at, mask);
    });
  }
};

} // namespace

void kernels::emitQuantise(QuantiseOp op) {
  int64_t columns = cast<MemRefType>(op.getInput().getType()).getDimSize(1);
  forRows(op, "quantise", op.getCount(), op.getStep(), {},
          [&](Emitter &e, KernelFunction &f, Value row) {
            QuantiseRow q{e, f[op.getInput()], f[op.getInits()[0]], row,
                          columns};
            if (op.getFormat() == Format::Bf16)
              q.pairs();
            else
              q.integers(op.getFormat() == Format::Int8 ? 128 : 8);
          });
}
