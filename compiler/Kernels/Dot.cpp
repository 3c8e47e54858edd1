// One dot product of bytes, by four instructions.
//
//   vpdpbusd  four products of an unsigned and a signed byte
//   sdot      four products of signed bytes: 128 is taken off the weights
//   pmaddwd   two products of 16 bits: even bytes, then odd ones. (pmaddubsw
//             would be shorter, but its 16-bit sums saturate.)
//   saddlp    pairs of 16-bit sums: even and odd products of signed bytes, each
//             at most 128 * 127, so that two of them fit
#include "compiler/Kernels/Dot.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace kernels;

bool Dot::isBiased() const {
  bool isSigned = kind == kernel::Dot::Sdot || kind == kernel::Dot::Saddlp;
  return !(isSigned && bias == 128);
}

Value Dot::call(StringRef intrinsic, ValueRange arguments) {
  auto type = VectorType::get({lanes}, e.b.getI32Type());
  return LLVM::CallIntrinsicOp::create(e.b, e.loc, type,
                                       e.b.getStringAttr(intrinsic), arguments)
      .getResult(0);
}

/// Even and odd bytes as 16 bits each.
Dot::Factors Dot::halves(Value words, bool isSigned) {
  auto type = VectorType::get({2 * lanes}, e.b.getI16Type());
  Value pairs = e.cast(words, 2 * lanes, e.b.getI16Type());
  auto splat = [&](int16_t v) {
    return arith::ConstantOp::create(e.b, e.loc,
                                     SplatElementsAttr::get(type, v));
  };
  if (!isSigned)
    return {arith::AndIOp::create(e.b, e.loc, pairs, splat(0xff)),
            arith::ShRUIOp::create(e.b, e.loc, pairs, splat(8))};
  Value high = arith::ShLIOp::create(e.b, e.loc, pairs, splat(8));
  return {arith::ShRSIOp::create(e.b, e.loc, high, splat(8)),
          arith::ShRSIOp::create(e.b, e.loc, pairs, splat(8))};
}

Dot::Factors Dot::weights(Value words) {
  if (!isBiased() && bias == 128)
    words = arith::XOrIOp::create(e.b, e.loc, words,
                                  e.splatWord(int32_t(0x80808080), lanes));
  switch (kind) {
  case kernel::Dot::Vpdpbusd:
  case kernel::Dot::Sdot:
    return {e.cast(words, 4 * lanes, e.b.getI8Type())};
  case kernel::Dot::Pmaddwd:
    return halves(words, false);
  case kernel::Dot::Saddlp:
    return halves(words, true);
  }
  llvm_unreachable("every instruction is above");
}

Dot::Factors Dot::input(Value word) {
  Value words = e.broadcast(word, lanes);
  if (isOneInstruction())
    return {e.cast(words, 4 * lanes, e.b.getI8Type())};
  return halves(words, true);
}

Value Dot::add(Value sums, const Factors &w, const Factors &x) {
  switch (kind) {
  case kernel::Dot::Vpdpbusd:
    return call("llvm.x86.avx512.vpdpbusd.512", {sums, w[0], x[0]});
  case kernel::Dot::Sdot:
    return call("llvm.aarch64.neon.sdot.v4i32.v16i8", {sums, w[0], x[0]});
  case kernel::Dot::Pmaddwd: {
    StringRef name =
        lanes == 16 ? "llvm.x86.avx512.pmaddw.d.512" : "llvm.x86.avx2.pmadd.wd";
    for (auto [wi, xi] : llvm::zip(w, x))
      sums = arith::AddIOp::create(e.b, e.loc, sums, call(name, {wi, xi}));
    return sums;
  }
  case kernel::Dot::Saddlp: {
    Value even = arith::MulIOp::create(e.b, e.loc, w[0], x[0]);
    Value odd = arith::MulIOp::create(e.b, e.loc, w[1], x[1]);
    Value both = arith::AddIOp::create(e.b, e.loc, even, odd);
    return arith::AddIOp::create(
        e.b, e.loc, sums, call("llvm.aarch64.neon.saddlp.v4i32.v8i16", both));
  }
  }
  llvm_unreachable("every instruction is above");
}
