// Segments that are drawn for a segment of queries. Their numbers are made
// where they are needed, from their place: no table is kept, and all threads
// agree.
#ifndef COMPILER_KERNELS_RANDOMSEGMENTS_H
#define COMPILER_KERNELS_RANDOMSEGMENTS_H

#include "compiler/Kernels/Emitter.h"

namespace kernels {

class RandomSegments {
public:
  /// Makes room on the stack: the emitter must stand outside of loops.
  template <class Op>
  RandomSegments(Emitter &e, Op op)
      : random(*op.getRandom()), length(*op.getSegment()),
        beside((*op.getWindow() - 1) / length),
        given(op.getSinks().value_or(0) / length),
        groups(op.getCache().getKvHeads()) {
    makeRoom(e);
  }

  /// Draws for segment number `segment` of a sequence of `known` rows, for a
  /// head of keys in a round; how many there are.
  mlir::Value draw(Emitter &e, mlir::Value segment, mlir::Value group,
                   mlir::Value round, mlir::Value known);
  /// Rows [from, to) of draw number i.
  std::pair<mlir::Value, mlir::Value> rows(Emitter &e, mlir::Value i,
                                           mlir::Value known);

private:
  void makeRoom(Emitter &e);
  mlir::Value output(Emitter &e, mlir::Value number);

  kernel::RandomAttr random;
  int64_t length; ///< rows of a segment
  int64_t beside; ///< whole segments on either side that the window gives
  int64_t given;  ///< whole segments that global rows give
  int64_t groups;
  mlir::Value drawn; ///< numbers of segments
};

} // namespace kernels

#endif // COMPILER_KERNELS_RANDOMSEGMENTS_H
