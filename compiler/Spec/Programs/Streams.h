// Constructed models: named parts of the rows, and the layers that `select` and
// `map` stand for, with weights that follow from the words.
#ifndef COMPILER_SPEC_PROGRAMS_STREAMS_H
#define COMPILER_SPEC_PROGRAMS_STREAMS_H

#include "compiler/Spec/Diagnostics.h"
#include "compiler/Spec/Spec.h"
#include "compiler/Spec/Tree.h"

#include <deque>

namespace spec {

/// A part of the rows: categorical, one-hot, or one real number.
struct Stream {
  std::string name;
  Place place;
  int64_t column = 0;
  int64_t size = 0;               ///< number of values; 0: real
  std::vector<std::string> words; ///< the values, when they are no numbers
  bool written = false;
  bool isPosition = false; ///< written by `embed` with each row's position

  bool isReal() const { return size == 0; }
  int64_t width() const { return isReal() ? 1 : size; }

  /// Values of a real lie on a grid: multiples of 1/grid (0: nothing is known),
  /// or quotients of such and a number of rows when they are a mean.
  int64_t grid = 0;
  bool isMean = false;
  double bound = 0; ///< of their magnitude
};

struct Literal;

/// The streams of a spec and what builds layers over them.
class Streams {
public:
  explicit Streams(Diagnostics &diagnostics) : diagnostics(diagnostics) {}

  /// Reads `streams`; `vocab` has the words of the vocabulary, if any. Sets the
  /// spec's dim.
  void read(const Node &node, const std::vector<std::string> &vocab,
            Spec &spec);
  bool exist() const { return place.line != 0; }

  /// Whether the layer is one of theirs: `select`, `map`, and `embed` and
  /// `logits` with streams.
  static bool isLayer(llvm::StringRef name);
  void readLayer(const Entry &entry, Layers &to);
  /// Streams that nothing has written.
  void reportUnused();

private:
  void readStream(const Entry &entry, const std::vector<std::string> &vocab,
                  const Spec &spec);
  void readWords(const Node &node, Stream &stream);
  void readEmbed(const Entry &entry, Layers &to);
  void readSelect(const Entry &entry, Layers &to);
  void readMap(const Entry &entry, Layers &to);
  void readLogits(const Entry &entry, Layers &to);
  std::vector<std::vector<Literal>> readPredicate(const Node &when,
                                                  bool isCount);
  /// The stream of that name, or null.
  const Stream *named(llvm::StringRef name) const;
  /// The same, or null after an error.
  Stream *find(llvm::StringRef name, Place place);
  Stream *findSource(llvm::StringRef name, Place place);
  Stream *findTarget(llvm::StringRef name, Place place);

  Diagnostics &diagnostics;
  Place place;
  std::deque<Stream> streams; ///< layers and expressions point into it
  int64_t dim = 0, context = 0, vocab = 0;
};

} // namespace spec

#endif // COMPILER_SPEC_PROGRAMS_STREAMS_H
