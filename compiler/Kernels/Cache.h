// Keys and values of a sequence in the format of its cache.
#ifndef COMPILER_KERNELS_CACHE_H
#define COMPILER_KERNELS_CACHE_H

#include "compiler/Kernels/Emitter.h"

namespace kernels {

/// What a cache is an array of: f32, the bits of bf16 as i16, or i8.
mlir::Type elementOf(Emitter &e, kernel::CacheAttr cache);

/// The cache of a row's sequence: keys [blocks][G * D][64].
mlir::Value keysOf(Emitter &e, mlir::Value step, mlir::Value row,
                   mlir::Value slot, kernel::CacheAttr cache);
/// Values [blocks][G][64][padded E].
mlir::Value valuesOf(Emitter &e, mlir::Value step, mlir::Value row,
                     mlir::Value slot, kernel::CacheAttr cache);
/// The scales of either [blocks][G][64]; null unless they are int8.
mlir::Value scalesOf(Emitter &e, kernel::Target target, mlir::Value step,
                     mlir::Value row, mlir::Value slot,
                     kernel::CacheAttr cache);

/// Elements of a cache as f32, without their scale.
mlir::Value loadCached(Emitter &e, mlir::Value buffer, mlir::ValueRange at,
                       int64_t lanes);
/// x times the scales of its keys, if there are any.
mlir::Value timesScale(Emitter &e, mlir::Value x, mlir::Value scales,
                       mlir::ValueRange at);

/// f32 as the bits of the nearest bf16, ties to even.
mlir::Value toBf16(Emitter &e, mlir::Value x);

/// A row of keys or values, [1][columns], into a cache of int8.
struct QuantisedRow {
  Emitter &e;
  kernel::Target target;
  kernel::CacheAttr cache;
  mlir::Value from;        ///< the row
  mlir::Value to, scales;  ///< of its sequence
  mlir::Value of, inBlock; ///< block of its position, place in it

  void store();

private:
  int64_t width() const;
  mlir::Value largest(mlir::Value base);
  void storeHead(mlir::Value head);
  void storeBytes(mlir::Value bytes, mlir::Value head, mlir::Value column,
                  int64_t count);
};

} // namespace kernels

#endif // COMPILER_KERNELS_CACHE_H
