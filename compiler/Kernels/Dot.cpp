// One dot product of bytes, by four instructions.
//
//   vpdpbusd  four products of an unsigned and a signed byte
//   sdot      four products of signed bytes: 128 is taken off the weights
//   pmaddwd   two products of 16 bits. Before it pmaddubsw multiplies unsigned
//             by signed bytes, whose sums of two must fit 16 bits: nibbles do,
//             all eight of a group; so do magnitudes up to 128, where AVX2 has
//             the signs of weights go over to inputs. Otherwise even bytes,
//             then odd ones are extended
//   saddlp    pairs of 16-bit sums: even and odd products of signed bytes, each
//             at most 128 * 127, so that two of them fit
#include "compiler/Kernels/Dot.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace kernels;

Dot::Way Dot::way() const {
  switch (kind) {
  case kernel::Dot::Vpdpbusd:
    return Way::Vpdpbusd;
  case kernel::Dot::Sdot:
    return Way::Sdot;
  case kernel::Dot::Pmaddwd:
    return bias != 128 ? Way::Nibbles : lanes == 8 ? Way::Signs : Way::Halves;
  case kernel::Dot::Saddlp:
    return Way::Neon;
  }
  llvm_unreachable("every instruction is above");
}

bool Dot::isBiased() const {
  bool isSigned =
      way() == Way::Sdot || way() == Way::Neon || way() == Way::Signs;
  return !(isSigned && bias == 128);
}

Value Dot::call(StringRef intrinsic, Type element, ValueRange arguments) {
  int64_t bytes = 4 * lanes;
  auto type =
      VectorType::get({bytes * 8 / element.getIntOrFloatBitWidth()}, element);
  return LLVM::CallIntrinsicOp::create(e.b, e.loc, type,
                                       e.b.getStringAttr(intrinsic), arguments)
      .getResult(0);
}

/// Products of an unsigned and a signed byte, by two.
Value Dot::pairsOfBytes(Value weights, Value input) {
  StringRef name = lanes == 16 ? "llvm.x86.avx512.pmaddubs.w.512"
                               : "llvm.x86.avx2.pmadd.ub.sw";
  return call(name, e.b.getI16Type(), {weights, input});
}

/// Products of 16 bits, by two.
Value Dot::pairs(Value x, Value y) {
  StringRef name =
      lanes == 16 ? "llvm.x86.avx512.pmaddw.d.512" : "llvm.x86.avx2.pmadd.wd";
  return call(name, e.b.getI32Type(), {x, y});
}

Value Dot::splat16(int16_t value) {
  auto type = VectorType::get({2 * lanes}, e.b.getI16Type());
  return arith::ConstantOp::create(e.b, e.loc,
                                   SplatElementsAttr::get(type, value));
}

/// Even and odd bytes as 16 bits each.
Dot::Factors Dot::halves(Value words, bool isSigned) {
  Value pairs = e.cast(words, 2 * lanes, e.b.getI16Type());
  if (!isSigned)
    return {arith::AndIOp::create(e.b, e.loc, pairs, splat16(0xff)),
            arith::ShRUIOp::create(e.b, e.loc, pairs, splat16(8))};
  Value high = arith::ShLIOp::create(e.b, e.loc, pairs, splat16(8));
  return {arith::ShRSIOp::create(e.b, e.loc, high, splat16(8)),
          arith::ShRSIOp::create(e.b, e.loc, pairs, splat16(8))};
}

Dot::Factors Dot::weights(Value words) {
  if (!isBiased() && bias == 128)
    words = arith::XOrIOp::create(e.b, e.loc, words,
                                  e.splatWord(int32_t(0x80808080), lanes));
  Value bytes = e.cast(words, 4 * lanes, e.b.getI8Type());
  switch (way()) {
  case Way::Vpdpbusd:
  case Way::Sdot:
  case Way::Nibbles:
    return {bytes};
  case Way::Signs: {
    Value no = arith::ConstantIntOp::create(e.b, e.loc, 0, 1);
    return {call("llvm.abs.v32i8", e.b.getI8Type(), {bytes, no}), bytes};
  }
  case Way::Halves:
    return halves(words, false);
  case Way::Neon:
    return halves(words, true);
  }
  llvm_unreachable("every way is above");
}

Dot::Factors Dot::input(Value word) {
  Value words = e.broadcast(word, lanes);
  if (takesHalves())
    return halves(words, true);
  return {e.cast(words, 4 * lanes, e.b.getI8Type())};
}

Value Dot::start(Offset offset) {
  if (way() == Way::Nibbles)
    return splat16(0);
  return isBiased() ? e.broadcast(offset(), lanes) : e.splatWord(0, lanes);
}

Value Dot::finish(Value sums, Offset offset) {
  if (way() != Way::Nibbles)
    return sums;
  return arith::AddIOp::create(e.b, e.loc, e.broadcast(offset(), lanes),
                               pairs(sums, splat16(1)));
}

Value Dot::add(Value sums, const Factors &w, const Factors &x) {
  auto plus = [&](Value more) -> Value {
    return arith::AddIOp::create(e.b, e.loc, sums, more);
  };
  switch (way()) {
  case Way::Vpdpbusd:
    return call("llvm.x86.avx512.vpdpbusd.512", e.b.getI32Type(),
                {sums, w[0], x[0]});
  case Way::Sdot:
    return call("llvm.aarch64.neon.sdot.v4i32.v16i8", e.b.getI32Type(),
                {sums, w[0], x[0]});
  case Way::Nibbles:
    return plus(pairsOfBytes(w[0], x[0]));
  case Way::Signs: {
    Value turned = call("llvm.x86.avx2.psign.b", e.b.getI8Type(), {x[0], w[1]});
    return plus(pairs(pairsOfBytes(w[0], turned), splat16(1)));
  }
  case Way::Halves:
    for (auto [wi, xi] : llvm::zip(w, x))
      sums = plus(pairs(wi, xi));
    return sums;
  case Way::Neon: {
    Value even = arith::MulIOp::create(e.b, e.loc, w[0], x[0]);
    Value odd = arith::MulIOp::create(e.b, e.loc, w[1], x[1]);
    Value both = arith::AddIOp::create(e.b, e.loc, even, odd);
    return plus(
        call("llvm.aarch64.neon.saddlp.v4i32.v8i16", e.b.getI32Type(), both));
  }
  }
  llvm_unreachable("every way is above");
}
