// The queries that one function of attention works on, and what it keeps of
// them while it goes through their keys.
#ifndef COMPILER_KERNELS_QUERYTILE_H
#define COMPILER_KERNELS_QUERYTILE_H

#include "compiler/Kernels/AttentionTile.h"

namespace kernels {

/// Register tiles of `height` queries each, at most `registers` of them, which
/// take a block of keys in turn: it comes to the cache once for them all. Their
/// rows of the buffers are numbered from 0; behind the last query its copies
/// keep a register tile full.
struct QueryTile {
  kernel::AttentionOp op;
  KernelFunction &f;
  Emitter e;
  int64_t height, registers;
  Queries queries;
  mlir::Value positions, limits; ///< of all rows; limits with a prefix

  kernel::CacheAttr cache;
  int64_t lanes;
  int64_t shared; ///< heads of a group
  mlir::Value keys, values, keyScales, valueScales;
  mlir::Value query, scores, state; ///< [height * registers][...], on the stack
  mlir::Value position;             ///< of the first row, if masks need it

  QueryTile(kernel::AttentionOp op, KernelFunction &f, int64_t height,
            int64_t registers, mlir::Value positions, mlir::Value limits);

  /// Finds the caches, makes the buffers and loads the queries.
  void load();
  mlir::Value onStack(int64_t columns);

  mlir::Value number(mlir::Value i) { return e.add(queries.first, i); }
  /// Of the tile, from 0.
  mlir::Value rowInTile(mlir::Value i) { return e.div(number(i), shared); }
  mlir::Value rowOf(mlir::Value i) { return e.add(queries.row, rowInTile(i)); }
  mlir::Value headOf(mlir::Value i);
  RunningSoftmax at(mlir::Value buffer, mlir::Value i) {
    return {op, buffer, i, e.index(0)};
  }

  using Body = llvm::function_ref<void(mlir::Value i)>;
  /// All queries.
  void each(Body body) { e.loop(e.index(0), queries.count, 1, body); }
  /// The first query of each register tile.
  void eachRegister(Body body);
  /// The queries of the register tile from `first` on.
  void eachOf(mlir::Value first, Body body);
  mlir::Value lastOf(mlir::Value first);
  mlir::Value last() { return e.sub(queries.count, e.index(1)); }

  /// Keys [from, to) that the row, by its number in the tile, sees beside the
  /// sinks of its window.
  std::pair<mlir::Value, mlir::Value> seenBy(mlir::Value row);
  /// A query sees no key from there on.
  mlir::Value limitOf(mlir::Value i);
  /// None of the queries from `first` to `last` sees a key from there on.
  mlir::Value limitOf(mlir::Value first, mlir::Value last);

private:
  void loadQueries();
};

/// A block of keys at work.
struct KeyBlock {
  mlir::Value number;
  mlir::Value end; ///< the first keys of it that are read, for any query
  /// The same for the register tile from `first` on.
  std::function<mlir::Value(mlir::Value first)> endOf;

  static constexpr int64_t size = kernel::CacheAttr::block;
  /// Keys of block `number` below `limit`.
  static mlir::Value below(Emitter &e, mlir::Value number, mlir::Value limit);
};

/// Calls `body` on the register tiles that read key `key` of the block.
void eachReader(QueryTile &t, const KeyBlock &block, mlir::Value key,
                QueryTile::Body body);
/// scores[i, key] = query[i] . key.
void scoreBlock(QueryTile &t, const KeyBlock &block);
/// state[i] += weight * value, the weights being in the place of scores.
void gatherBlock(QueryTile &t, const KeyBlock &block);

/// The scores of a register tile from `first` on, 16 keys at a time.
class BlockScores {
public:
  BlockScores(QueryTile &t, const KeyBlock &block, mlir::Value first);

  /// cap * tanh(scale * s / cap).
  void cap();
  /// Adds a number for each head and distance.
  void bias();
  /// -inf where a query must not look: behind its last key, before its first.
  void mask();
  /// Keys [from, to) have been drawn for the queries of `segment`: these see
  /// them now, unless they do so anyway, and nobody sees another one.
  void hideAllBut(mlir::Value segment, mlir::Value from, mlir::Value to);
  /// Scores become weights.
  void weigh();

private:
  using Change =
      llvm::function_ref<mlir::Value(mlir::Value base, mlir::Value s)>;
  void change(mlir::Value i, mlir::Value from, Change change);
  mlir::Value wholeVectors(mlir::Value keys);
  void raise(mlir::Value i);
  void weigh(mlir::Value i);

  QueryTile &t;
  Emitter &e;
  mlir::Value block, first;
  mlir::Value covered; ///< keys of the block, whole vectors
};

} // namespace kernels

#endif // COMPILER_KERNELS_QUERYTILE_H
