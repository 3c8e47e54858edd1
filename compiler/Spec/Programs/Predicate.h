// Predicates over a key and a query row as alternatives of literals, each about
// one stream of either at most: what the scores of one head can say.
#ifndef COMPILER_SPEC_PROGRAMS_PREDICATE_H
#define COMPILER_SPEC_PROGRAMS_PREDICATE_H

#include "compiler/Spec/Programs/Expression.h"

namespace spec {

/// Whether key value k and query value q go together: table[k * queries + q].
struct Literal {
  const Stream *key = nullptr, *query = nullptr; ///< null: any
  std::vector<bool> table;

  int64_t keys() const { return key ? key->size : 1; }
  int64_t queries() const { return query ? query->size : 1; }
  bool holds(int64_t k, int64_t q) const { return table[k * queries() + q]; }
};

/// All of them hold; at most one literal a pair of streams.
using Conjunction = std::vector<Literal>;

/// The alternatives, of which no two hold together: their counts add up. Empty
/// after an error.
std::vector<Conjunction> alternativesOf(const Expression &predicate,
                                        Diagnostics &diagnostics);

/// Whether the literal says what a causal mask says, or more.
bool impliesCausal(const Literal &literal);
bool isCausal(const Literal &literal);

} // namespace spec

#endif // COMPILER_SPEC_PROGRAMS_PREDICATE_H
