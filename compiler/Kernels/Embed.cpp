// kernel.embed: a row of the table for each token. A table in panels (a weight
// of any format, shared with tied logits) has the columns of a row a panel's
// width apart, so that it is read element by element.
#include "compiler/Kernels/Emitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace kernel;
using namespace kernels;

namespace {

/// Row `column` of panel `of`, as f32: see kernel.weight.
struct PanelRow {
  Emitter &e;
  Value table, of, column;

  Value word(Value index) {
    return arith::IndexCastOp::create(e.b, e.loc, e.b.getI32Type(), index);
  }
  Value shiftRight(Value x, Value by) {
    return arith::ShRUIOp::create(e.b, e.loc, x, by);
  }
  Value real(Value bits) {
    return arith::BitcastOp::create(e.b, e.loc, e.b.getF32Type(), bits);
  }

  Value f32(Value k) { return e.loadScalar(table, {of, k, column}); }

  Value bf16(Value k) {
    Value pair = e.loadScalar(table, {of, e.div(k, 2), column});
    Value low = shiftRight(pair, word(e.mul(e.rem(k, 2), 16)));
    return real(arith::ShLIOp::create(e.b, e.loc, low, e.word(16)));
  }

  /// (bits [shift, shift + size) of a group's word - bias) * scale.
  Value integer(Value group, Value at, Value shift, int64_t size,
                int64_t panel) {
    int64_t words = dimOf(table, 2) - panel / 2;
    Value line = e.add(e.mul(at, panel), column);
    Value q = shiftRight(e.loadScalar(table, {of, group, line}), word(shift));
    q = arith::AndIOp::create(e.b, e.loc, q, e.word((1 << size) - 1));
    q = arith::SubIOp::create(e.b, e.loc, q, e.word(1 << (size - 1)));
    Value both =
        e.loadScalar(table, {of, group, e.add(e.div(column, 2), words)});
    Value half = shiftRight(both, word(e.mul(e.rem(column, 2), 16)));
    half = arith::TruncIOp::create(e.b, e.loc, e.b.getI16Type(), half);
    half = arith::BitcastOp::create(e.b, e.loc, e.b.getF16Type(), half);
    Value scale = arith::ExtFOp::create(e.b, e.loc, e.b.getF32Type(), half);
    Value value = arith::SIToFPOp::create(e.b, e.loc, e.b.getF32Type(), q);
    return arith::MulFOp::create(e.b, e.loc, value, scale);
  }

  Value int8(Value k, int64_t panel) {
    Value in = e.rem(k, groupColumns);
    return integer(e.div(k, groupColumns), e.div(in, 4), e.mul(e.rem(k, 4), 8),
                   8, panel);
  }

  // Columns 4..7 of eight are in the high halves of the bytes.
  Value int4(Value k, int64_t panel) {
    Value in = e.rem(k, groupColumns);
    Value shift = e.add(e.mul(e.rem(k, 4), 8), e.mul(e.rem(e.div(k, 4), 2), 4));
    return integer(e.div(k, groupColumns), e.div(in, 8), shift, 4, panel);
  }
};

} // namespace

void kernels::emitEmbed(EmbedOp op) {
  OpBuilder b(op);
  Value to = op.getInits()[0];
  Format format = op.getFormat();
  auto type = cast<MemRefType>(op.getTable().getType());
  Value tokens = BufferOp::create(
      b, op.getLoc(), MemRefType::get({dimOf(to, 0)}, b.getI32Type()),
      Buffer::Tokens, op.getStep(),
      arith::ConstantIndexOp::create(b, op.getLoc(), 0));
  double scale = op.getScale().convertToDouble();
  auto body = [&](Emitter &e, KernelFunction &f, Value row) {
    Value token = e.loadIndex(f[tokens], {row}), table = f[op.getTable()];
    auto scaled = [&](Value x) -> Value {
      if (scale == 1)
        return x;
      Value by = isa<VectorType>(x.getType()) ? e.splat(scale, partials)
                                              : e.f32(scale);
      return arith::MulFOp::create(e.b, e.loc, x, by);
    };
    if (type.getRank() == 2)
      return e.columns(dimOf(to, 1), [&](Value c, Value mask) {
        e.storeColumns(scaled(e.loadColumns(table, {token, c}, mask)), f[to],
                       {row, c}, mask);
      });
    int64_t panel = panelOf(format, type);
    PanelRow in{e, table, e.div(token, panel), e.rem(token, panel)};
    e.loop(e.index(0), e.index(dimOf(to, 1)), 1, [&](Value k) {
      Value value = format == Format::F32    ? in.f32(k)
                    : format == Format::Bf16 ? in.bf16(k)
                    : format == Format::Int8 ? in.int8(k, panel)
                                             : in.int4(k, panel);
      e.store(scaled(value), f[to], {row, k});
    });
  };
  forRows(op, "embed", Count::Rows, op.getStep(), {tokens}, body);
}
