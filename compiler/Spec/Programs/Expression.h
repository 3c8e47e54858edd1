// Formulas and predicates over streams: `1 if balance < 0 else 0`,
// `key.token == query.token`.
#ifndef COMPILER_SPEC_PROGRAMS_EXPRESSION_H
#define COMPILER_SPEC_PROGRAMS_EXPRESSION_H

#include "compiler/Spec/Programs/Streams.h"

#include "llvm/ADT/STLFunctionalExtras.h"

#include <functional>
#include <memory>

namespace spec {

/// Which row a stream is of: the one row of a formula, or the two of a
/// predicate.
enum class Side { Own, Key, Query };

struct Expression;
using ExpressionPointer = std::unique_ptr<Expression>;

struct Expression {
  enum class Kind { Number, Word, Stream, Negate, Not, Always, If, Binary };
  enum class Operator {
    Add,
    Subtract,
    Multiply,
    Equal,
    Unequal,
    Less,
    NotGreater,
    Greater,
    NotLess,
    And,
    Or
  };
  Kind kind = Kind::Number;
  Operator op = Operator::Add; ///< Binary
  double number = 0;           ///< Number
  std::string word;            ///< Word
  const Stream *stream = nullptr;
  Side side = Side::Own;
  std::vector<ExpressionPointer> parts; ///< If: condition, then, else
  Place place;

  bool isComparison() const {
    return kind == Kind::Binary && op >= Operator::Equal &&
           op <= Operator::NotLess;
  }
  bool isLogical() const {
    return kind == Kind::Not || kind == Kind::Always ||
           (kind == Kind::Binary &&
            (op == Operator::And || op == Operator::Or));
  }
};

/// Finds a stream by its name; null when there is none.
using FindStream = llvm::function_ref<const Stream *(llvm::StringRef)>;

/// Reads and checks the text of a scalar. A predicate speaks of key.x and
/// query.x, a formula of x. Null after an error.
ExpressionPointer readExpression(const Node &node, bool isPredicate,
                                 FindStream find, Diagnostics &diagnostics);

/// A number, or a word with its place in its list (-1 when it is in none).
struct Value {
  double number = 0;
  const std::string *word = nullptr;
};

/// What is known while an expression is evaluated: the value of each
/// categorical stream, and the outcome of each comparison of reals.
struct Environment {
  std::function<int64_t(const Stream &, Side)> valueOf;
  std::function<bool(const Expression &)> outcomeOf;
};
Value evaluate(const Expression &expression, const Environment &environment);

/// Calls `body` on the expression and everything in it.
void forEachPart(const Expression &expression,
                 llvm::function_ref<void(const Expression &)> body);
bool mentionsReal(const Expression &expression);

} // namespace spec

#endif // COMPILER_SPEC_PROGRAMS_EXPRESSION_H
