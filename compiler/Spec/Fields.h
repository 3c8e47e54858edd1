// A leaf says its fields once, to a visitor: reading, printing, checking ranges
// and documenting are visitors, so they cannot disagree.
#ifndef COMPILER_SPEC_FIELDS_H
#define COMPILER_SPEC_FIELDS_H

#include "compiler/Spec/Words.h"

#include "llvm/ADT/STLFunctionalExtras.h"

#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace spec {

/// The largest size of anything: products of two of them fit 64 bits.
constexpr int64_t mostSize = std::numeric_limits<int32_t>::max();

struct Field {
  llvm::StringRef name;
  llvm::StringRef meaning; ///< for the documentation
  /// The default in words where it is no constant.
  llvm::StringRef otherwise = {};
};

/// Which real numbers a field takes; all must be finite.
enum class Reals { Any, NotNegative, Positive };

class FieldVisitor {
public:
  virtual ~FieldVisitor() = default;

  /// A size from 1 to mostSize. 0 in the tree: not said, the checker derives it
  /// or misses it.
  virtual void size(const Field &, int64_t &value) = 0;
  /// A size, or `none`.
  virtual void size(const Field &, std::optional<int64_t> &value) = 0;
  /// The same from 0 up, which is what is meant when nothing is said.
  virtual void count(const Field &field, int64_t &value) { size(field, value); }
  /// A real that the canonical form leaves out when it is `idle`. NaN: never.
  virtual void real(const Field &, double &value, Reals range,
                    double idle = std::numeric_limits<double>::quiet_NaN()) = 0;
  /// A positive real, or `none`.
  virtual void real(const Field &, std::optional<double> &value) = 0;
  /// Left out of the canonical form when it is `idle`.
  virtual void flag(const Field &, bool &value,
                    std::optional<bool> idle = false) = 0;
  /// One of the words.
  virtual void choice(const Field &, unsigned &index, Words words) = 0;
  /// One of the words, or what the model says.
  virtual void choice(const Field &, std::optional<unsigned> &index,
                      Words words) = 0;
  /// WORD, or {WORD: fields}; the first word is the idle one. `fields` visits
  /// the fields of a word, when it has any.
  using InnerFields = llvm::function_ref<void(unsigned index, FieldVisitor &)>;
  virtual void variant(const Field &, unsigned &index, Words words,
                       InnerFields fields) = 0;
  /// A map of fields, which says nothing where it is not there.
  using Fields = llvm::function_ref<void(FieldVisitor &)>;
  virtual void inner(const Field &, Fields fields) = 0;
  /// A list of as many sizes.
  virtual void sizes(const Field &, llvm::ArrayRef<int64_t *> values) = 0;
  /// A list of positive reals.
  virtual void reals(const Field &, std::vector<double> &values) = 0;
  /// true, false or a list of the parts that are true.
  using Part = std::pair<llvm::StringRef, bool *>;
  virtual void parts(const Field &, llvm::ArrayRef<Part> parts) = 0;
  /// `none`, the word of a part or a list of those that are true.
  virtual void some(const Field &, llvm::ArrayRef<Part> parts) = 0;

  template <class E> void word(const Field &field, E &value) {
    auto index = static_cast<unsigned>(value);
    choice(field, index, wordsOf(value));
    value = static_cast<E>(index);
  }
  template <class E> void word(const Field &field, std::optional<E> &value) {
    std::optional<unsigned> index;
    if (value)
      index = static_cast<unsigned>(*value);
    choice(field, index, wordsOf(E()));
    value = index ? std::optional(static_cast<E>(*index)) : std::nullopt;
  }
  /// The same, left out of the canonical form when it is the first word.
  template <class E> void idleWord(const Field &field, E &value) {
    auto index = static_cast<unsigned>(value);
    variant(field, index, wordsOf(value), [](unsigned, FieldVisitor &) {});
    value = static_cast<E>(index);
  }
};

/// Why the number is out of range, or "".
std::string sizeFault(int64_t value);
std::string realFault(double value, Reals range);
inline bool isProbability(double value) { return value >= 0 && value <= 1; }

} // namespace spec

#endif // COMPILER_SPEC_FIELDS_H
