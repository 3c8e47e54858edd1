// Negations go inwards, 'and' multiplies alternatives out, 'or' joins them.
#include "compiler/Spec/Programs/Predicate.h"

#include "llvm/ADT/STLExtras.h"

#include <set>

using namespace llvm;

namespace spec {

namespace {

/// Heads of one select; a bound on multiplying out.
constexpr size_t mostAlternatives = 64;
constexpr int64_t mostEntries = 1 << 20;

class Alternatives {
public:
  explicit Alternatives(Diagnostics &diagnostics) : diagnostics(diagnostics) {}

  std::vector<Conjunction> of(const Expression &e, bool negated = false) {
    if (std::optional<Literal> literal = asLiteral(e, negated))
      return none_of(literal->table, [](bool holds) { return holds; })
                 ? std::vector<Conjunction>()
                 : std::vector<Conjunction>{{std::move(*literal)}};
    if (failed)
      return {};
    if (e.kind == Expression::Kind::Not)
      return of(*e.parts[0], !negated);
    if (!e.isLogical()) {
      fail(e.place, "one comparison is about one stream of the key and one of "
                    "the query: split it, or 'map' it to a stream first");
      return {};
    }
    bool isAnd = (e.op == Expression::Operator::And) != negated;
    std::vector<Conjunction> a = of(*e.parts[0], negated);
    std::vector<Conjunction> b = of(*e.parts[1], negated);
    if (isAnd)
      return multiply(e.place, a, b);
    for (const Conjunction &x : a)
      for (const Conjunction &y : b)
        if (intersect(x, y))
          fail(e.place, "rows may be selected by both sides of 'or' and count "
                        "twice: exclude one in the other, with 'and not'");
    a.insert(a.end(), b.begin(), b.end());
    return a;
  }

  bool failed = false;

private:
  void fail(Place place, const Twine &message) {
    if (!failed)
      diagnostics.error(place, message);
    failed = true;
  }

  /// An expression about one stream of either row at most, as a table.
  std::optional<Literal> asLiteral(const Expression &e, bool negated) {
    std::set<const Stream *> keys, queries;
    forEachPart(e, [&](const Expression &part) {
      if (part.kind != Expression::Kind::Stream)
        return;
      (part.side == Side::Key ? keys : queries).insert(part.stream);
      if (part.stream->isReal())
        fail(part.place, "'" + part.stream->name +
                             "' is real: predicates compare categories; 'map' "
                             "it to one first");
      else if (!part.stream->written)
        fail(part.place, "nothing has written '" + part.stream->name + "' yet");
    });
    if (failed || keys.size() > 1 || queries.size() > 1)
      return std::nullopt;
    Literal literal;
    literal.key = keys.empty() ? nullptr : *keys.begin();
    literal.query = queries.empty() ? nullptr : *queries.begin();
    if (literal.keys() > mostEntries / literal.queries()) {
      fail(e.place, "the comparison has more than " + Twine(mostEntries) +
                        " pairs of values");
      return std::nullopt;
    }
    Environment given;
    int64_t k = 0, q = 0;
    given.valueOf = [&](const Stream &, Side side) {
      return side == Side::Key ? k : q;
    };
    for (k = 0; k < literal.keys(); ++k)
      for (q = 0; q < literal.queries(); ++q)
        literal.table.push_back((evaluate(e, given).number != 0) != negated);
    return literal;
  }

  /// Both hold; nothing when they exclude each other.
  static std::optional<Conjunction> intersect(const Conjunction &x,
                                              const Conjunction &y) {
    Conjunction both = x;
    for (const Literal &literal : y) {
      auto same = find_if(both, [&](const Literal &other) {
        return other.key == literal.key && other.query == literal.query;
      });
      if (same == both.end()) {
        both.push_back(literal);
        continue;
      }
      for (size_t i = 0; i != literal.table.size(); ++i)
        same->table[i] = same->table[i] && literal.table[i];
      if (none_of(same->table, [](bool holds) { return holds; }))
        return std::nullopt;
    }
    return both;
  }

  std::vector<Conjunction> multiply(Place place,
                                    const std::vector<Conjunction> &a,
                                    const std::vector<Conjunction> &b) {
    std::vector<Conjunction> product;
    for (const Conjunction &x : a)
      for (const Conjunction &y : b)
        if (std::optional<Conjunction> both = intersect(x, y))
          product.push_back(std::move(*both));
    if (product.size() > mostAlternatives)
      fail(place, "the predicate has more than " + Twine(mostAlternatives) +
                      " alternatives");
    return failed ? std::vector<Conjunction>() : product;
  }

  Diagnostics &diagnostics;
};

bool isTrue(const Literal &literal) {
  return all_of(literal.table, [](bool holds) { return holds; });
}

} // namespace

std::vector<Conjunction> alternativesOf(const Expression &predicate,
                                        Diagnostics &diagnostics) {
  Alternatives alternatives(diagnostics);
  std::vector<Conjunction> list = alternatives.of(predicate);
  if (alternatives.failed)
    return {};
  if (list.empty())
    diagnostics.error(predicate.place, "the predicate never holds");
  for (Conjunction &conjunction : list)
    erase_if(conjunction, isTrue);
  return list;
}

bool impliesCausal(const Literal &literal) {
  if (!literal.key || !literal.query || !literal.key->isPosition ||
      !literal.query->isPosition)
    return false;
  for (int64_t k = 0; k < literal.keys(); ++k)
    for (int64_t q = 0; q < k && q < literal.queries(); ++q)
      if (literal.holds(k, q))
        return false;
  return true;
}

bool isCausal(const Literal &literal) {
  if (!impliesCausal(literal))
    return false;
  for (int64_t q = 0; q < literal.queries(); ++q)
    for (int64_t k = 0; k <= q; ++k)
      if (!literal.holds(k, q))
        return false;
  return true;
}

} // namespace spec
