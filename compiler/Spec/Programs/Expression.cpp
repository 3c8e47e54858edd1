// A parser by descent with Python's precedences, and the evaluation.
#include "compiler/Spec/Programs/Expression.h"
#include "compiler/Spec/Numbers.h"

#include "llvm/ADT/StringExtras.h"

using namespace llvm;

namespace spec {

using Kind = Expression::Kind;
using Operator = Expression::Operator;

namespace {

/// Expressions inside each other; a bound on recursion.
constexpr unsigned mostParts = 200;

class Reader {
public:
  Reader(const Node &node, bool isPredicate, FindStream find,
         Diagnostics &diagnostics)
      : text(node.text), start(node.place), isPredicate(isPredicate),
        find(find), diagnostics(diagnostics) {
    start.column += node.kind == Node::Kind::Text; // the quote
  }

  ExpressionPointer read() {
    next();
    ExpressionPointer result = readChoice();
    if (!failed && !token.empty())
      fail(place, "expected the end, found '" + token + "'");
    return failed ? nullptr : std::move(result);
  }

private:
  void fail(Place where, const Twine &message) {
    if (!failed)
      diagnostics.error(where, message);
    failed = true;
  }

  /// The next token: a name, a number, a quoted word or an operator.
  void next() {
    while (offset < text.size() && isSpace(text[offset]))
      ++offset;
    place = {start.line, start.column + uint32_t(offset)};
    StringRef rest = text.drop_front(offset);
    size_t length = 0;
    quoted = !rest.empty() && (rest[0] == '\'' || rest[0] == '"');
    if (quoted) {
      size_t end = rest.find(rest[0], 1);
      if (end == StringRef::npos) {
        fail(place, "the quote has no end");
        end = rest.size() - 1;
      }
      length = end + 1;
      token = rest.slice(1, end).str();
      offset += length;
      return;
    }
    auto isNamePart = [](char c) { return isAlnum(c) || c == '_' || c == '.'; };
    if (!rest.empty() && isNamePart(rest[0]))
      length = rest.take_while(isNamePart).size();
    else if (rest.starts_with("==") || rest.starts_with("!=") ||
             rest.starts_with("<=") || rest.starts_with(">="))
      length = 2;
    else
      length = rest.empty() ? 0 : 1;
    token = rest.take_front(length).str();
    offset += length;
  }

  bool is(StringRef word) const { return !quoted && token == word; }
  bool take(StringRef word) {
    if (!is(word))
      return false;
    next();
    return true;
  }

  ExpressionPointer make(Kind kind, Place where) {
    auto expression = std::make_unique<Expression>();
    expression->kind = kind;
    expression->place = where;
    if (++count > mostParts)
      fail(where, "the formula has more than " + Twine(mostParts) + " parts");
    return expression;
  }
  ExpressionPointer join(Operator op, Place where, ExpressionPointer a,
                         ExpressionPointer b) {
    ExpressionPointer joined = make(Kind::Binary, where);
    joined->op = op;
    joined->parts.push_back(std::move(a));
    joined->parts.push_back(std::move(b));
    return joined;
  }

  ExpressionPointer readChoice() {
    Place where = place;
    ExpressionPointer value = readOr();
    if (failed || !take("if"))
      return value;
    ExpressionPointer choice = make(Kind::If, where);
    choice->parts.push_back(readOr());
    if (!failed && !take("else"))
      fail(place, "'if' needs 'else'");
    choice->parts.push_back(std::move(value));
    if (!failed)
      choice->parts.push_back(readChoice());
    return choice;
  }

  ExpressionPointer readOr() {
    ExpressionPointer left = readAnd();
    for (Place where = place; !failed && take("or"); where = place)
      left = join(Operator::Or, where, std::move(left), readAnd());
    return left;
  }
  ExpressionPointer readAnd() {
    ExpressionPointer left = readNot();
    for (Place where = place; !failed && take("and"); where = place)
      left = join(Operator::And, where, std::move(left), readNot());
    return left;
  }
  ExpressionPointer readNot() {
    Place where = place;
    if (!take("not"))
      return readComparison();
    ExpressionPointer negation = make(Kind::Not, where);
    if (!failed)
      negation->parts.push_back(readNot());
    return negation;
  }

  ExpressionPointer readComparison() {
    ExpressionPointer left = readSum();
    static constexpr std::pair<StringRef, Operator> table[] = {
        {"==", Operator::Equal},  {"!=", Operator::Unequal},
        {"<", Operator::Less},    {"<=", Operator::NotGreater},
        {">", Operator::Greater}, {">=", Operator::NotLess}};
    Place where = place;
    for (auto [word, op] : table)
      if (!failed && take(word))
        return join(op, where, std::move(left), readSum());
    return left;
  }

  ExpressionPointer readSum() {
    ExpressionPointer left = readProduct();
    while (!failed) {
      Place where = place;
      if (take("+"))
        left = join(Operator::Add, where, std::move(left), readProduct());
      else if (take("-"))
        left = join(Operator::Subtract, where, std::move(left), readProduct());
      else
        break;
    }
    return left;
  }
  ExpressionPointer readProduct() {
    ExpressionPointer left = readSign();
    for (Place where = place; !failed && take("*"); where = place)
      left = join(Operator::Multiply, where, std::move(left), readSign());
    return left;
  }
  ExpressionPointer readSign() {
    Place where = place;
    if (!take("-"))
      return readAtom();
    ExpressionPointer negation = make(Kind::Negate, where);
    if (!failed)
      negation->parts.push_back(readSign());
    return negation;
  }

  ExpressionPointer readAtom() {
    Place where = place;
    if (failed || (!quoted && token.empty())) {
      fail(where, "expected a value, found the end");
      return make(Kind::Number, where);
    }
    if (take("(")) {
      ExpressionPointer inside = readChoice();
      if (!failed && !take(")"))
        fail(place, "expected ')', found " +
                        (token.empty() ? "the end" : "'" + token + "'"));
      return inside;
    }
    ExpressionPointer atom = make(Kind::Word, where);
    atom->word = token;
    if (quoted) {
      next();
      return atom;
    }
    if (isPredicate && take("always")) {
      atom->kind = Kind::Always;
      return atom;
    }
    if (std::optional<double> number = readReal(token)) {
      atom->kind = Kind::Number;
      atom->number = *number;
    } else if (!isAlnum(token[0]) && token[0] != '_') {
      fail(where, "expected a value, found '" + token + "'");
    } else {
      readName(*atom);
    }
    next();
    return atom;
  }

  /// A stream, of the key or the query in a predicate; else a word.
  void readName(Expression &atom) {
    StringRef name = token;
    auto [row, rest] = name.split('.');
    if (rest.empty()) {
      const Stream *stream = find(name);
      if (stream && isPredicate)
        return fail(atom.place, "of which row is '" + name + "'? say 'key." +
                                    name + "' or 'query." + name + "'");
      if (stream) {
        atom.kind = Kind::Stream;
        atom.stream = stream;
      }
      return;
    }
    if (!isPredicate || (row != "key" && row != "query"))
      return fail(atom.place,
                  isPredicate ? "rows are 'key' and 'query', not '" + row + "'"
                              : "a formula is of one row: '" + rest +
                                    "' without '" + row + ".'");
    atom.kind = Kind::Stream;
    atom.side = row == "key" ? Side::Key : Side::Query;
    atom.stream = find(rest);
    if (!atom.stream)
      fail(atom.place, "no stream is named '" + rest + "'");
  }

  StringRef text;
  Place start, place;
  bool isPredicate;
  FindStream find;
  Diagnostics &diagnostics;
  size_t offset = 0;
  std::string token;
  bool quoted = false, failed = false;
  unsigned count = 0;
};

/// What an expression gives, as far as its form says it.
enum class Type { Number, Word, Logical };

class TypeCheck {
public:
  explicit TypeCheck(Diagnostics &diagnostics) : diagnostics(diagnostics) {}

  /// The type; `words` becomes the list that a word is in, when it says one.
  Type check(Expression &e, const Stream **list = nullptr) {
    switch (e.kind) {
    case Kind::Number:
      return Type::Number;
    case Kind::Word:
      return Type::Word;
    case Kind::Stream:
      if (e.stream->words.empty())
        return Type::Number;
      if (list)
        *list = e.stream;
      return Type::Word;
    case Kind::Always:
      return Type::Logical;
    case Kind::Negate:
      need(*e.parts[0], Type::Number, "a number");
      return Type::Number;
    case Kind::Not:
      need(*e.parts[0], Type::Logical, "a comparison");
      return Type::Logical;
    case Kind::If: {
      need(*e.parts[0], Type::Logical, "a comparison");
      Type type = check(*e.parts[1], list), other = check(*e.parts[2], list);
      if (type != other)
        diagnostics.error(e.parts[2]->place,
                          "one branch is a number, the other none");
      return type;
    }
    case Kind::Binary:
      break;
    }
    if (e.isComparison())
      return compare(e);
    bool logical = e.isLogical();
    for (ExpressionPointer &part : e.parts)
      need(*part, logical ? Type::Logical : Type::Number,
           logical ? "a comparison" : "a number");
    return logical ? Type::Logical : Type::Number;
  }

private:
  void need(Expression &e, Type type, StringRef what) {
    if (check(e) != type)
      diagnostics.error(e.place, "expected " + what + " here");
  }

  /// Words are compared with words of one list; it gives literals their places.
  Type compare(Expression &e) {
    const Stream *lists[2] = {};
    Type types[2];
    for (int i = 0; i != 2; ++i)
      types[i] = check(*e.parts[i], &lists[i]);
    if (types[0] != types[1] || types[0] == Type::Logical) {
      diagnostics.error(e.place, "compares what is not alike: a number and a "
                                 "word, or a comparison");
      return Type::Logical;
    }
    if (types[0] == Type::Number)
      return Type::Logical;
    const Stream *list = lists[0] ? lists[0] : lists[1];
    bool ordered = e.op != Operator::Equal && e.op != Operator::Unequal;
    if (!list)
      diagnostics.error(e.place, "compares two words of no stream");
    else if (ordered && lists[0] && lists[1] &&
             lists[0]->words != lists[1]->words)
      diagnostics.error(e.place, "'" + lists[0]->name + "' and '" +
                                     lists[1]->name + "' have no common order");
    else
      for (ExpressionPointer &part : e.parts)
        if (part->kind == Kind::Word)
          resolve(*part, *list);
    return Type::Logical;
  }

  void resolve(Expression &literal, const Stream &list) {
    auto found = llvm::find(list.words, literal.word);
    literal.number = found - list.words.begin();
    if (found != list.words.end())
      return;
    SmallVector<StringRef> known(list.words.begin(), list.words.end());
    diagnostics.error(literal.place, "'" + literal.word +
                                         "' is neither a stream nor a value "
                                         "of '" +
                                         list.name + "'" +
                                         didYouMean(literal.word, known));
  }

  Diagnostics &diagnostics;
};

} // namespace

ExpressionPointer readExpression(const Node &node, bool isPredicate,
                                 FindStream find, Diagnostics &diagnostics) {
  ExpressionPointer expression =
      Reader(node, isPredicate, find, diagnostics).read();
  if (!expression)
    return nullptr;
  size_t before = diagnostics.count();
  Type type = TypeCheck(diagnostics).check(*expression);
  if (diagnostics.count() == before && isPredicate != (type == Type::Logical))
    diagnostics.error(expression->place,
                      isPredicate ? "a predicate is a comparison"
                                  : "a formula is a number or a word: say '1 "
                                    "if ... else 0'");
  return diagnostics.count() == before ? std::move(expression) : nullptr;
}

void forEachPart(const Expression &expression,
                 function_ref<void(const Expression &)> body) {
  body(expression);
  for (const ExpressionPointer &part : expression.parts)
    forEachPart(*part, body);
}

bool mentionsReal(const Expression &expression) {
  bool found = false;
  forEachPart(expression, [&](const Expression &part) {
    found |= part.kind == Kind::Stream && part.stream->isReal();
  });
  return found;
}

static bool holds(Operator op, const Value &a, const Value &b) {
  bool equal = a.word && b.word ? *a.word == *b.word : a.number == b.number;
  switch (op) {
  case Operator::Equal:
    return equal;
  case Operator::Unequal:
    return !equal;
  case Operator::Less:
    return a.number < b.number;
  case Operator::NotGreater:
    return a.number <= b.number;
  case Operator::Greater:
    return a.number > b.number;
  default:
    return a.number >= b.number;
  }
}

static Value evaluateBinary(const Expression &e, const Environment &given) {
  if (e.isComparison() && mentionsReal(e))
    return {double(given.outcomeOf(e)), nullptr};
  Value a = evaluate(*e.parts[0], given), b = evaluate(*e.parts[1], given);
  switch (e.op) {
  case Operator::Add:
    return {a.number + b.number, nullptr};
  case Operator::Subtract:
    return {a.number - b.number, nullptr};
  case Operator::Multiply:
    return {a.number * b.number, nullptr};
  case Operator::And:
    return {double(a.number != 0 && b.number != 0), nullptr};
  case Operator::Or:
    return {double(a.number != 0 || b.number != 0), nullptr};
  default:
    return {double(holds(e.op, a, b)), nullptr};
  }
}

Value evaluate(const Expression &e, const Environment &given) {
  switch (e.kind) {
  case Kind::Number:
    return {e.number, nullptr};
  case Kind::Word:
    return {e.number, &e.word};
  case Kind::Stream: {
    int64_t value = given.valueOf(*e.stream, e.side);
    return {double(value),
            e.stream->words.empty() ? nullptr : &e.stream->words[value]};
  }
  case Kind::Always:
    return {1, nullptr};
  case Kind::Negate:
    return {-evaluate(*e.parts[0], given).number, nullptr};
  case Kind::Not:
    return {double(evaluate(*e.parts[0], given).number == 0), nullptr};
  case Kind::If:
    return evaluate(*e.parts[evaluate(*e.parts[0], given).number ? 1 : 2],
                    given);
  case Kind::Binary:
    break;
  }
  return evaluateBinary(e, given);
}

} // namespace spec
