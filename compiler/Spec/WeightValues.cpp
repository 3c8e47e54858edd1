// One function for each form that values take.
#include "compiler/Spec/WeightValues.h"
#include "compiler/Spec/Numbers.h"
#include "compiler/Spec/Values.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace spec {

ValuesPointer ValuesBuilder::take() const {
  auto values = std::make_shared<WeightValues>();
  for (const auto &[place, value] : entries)
    values->entries.push_back({place.first, place.second, value});
  return values;
}

namespace {

class ValuesReader {
public:
  ValuesReader(StringRef name, Diagnostics &diagnostics)
      : name(name), diagnostics(diagnostics), values(diagnostics) {}

  std::optional<WeightValues> read(const Node &node) {
    WeightValues result;
    result.place = node.place;
    size_t before = diagnostics.count();
    if (node.kind == Node::Kind::Word && node.text == "identity")
      result.diagonal = 1;
    else if (node.kind == Node::Kind::Word)
      values.real(name, node, Reals::Any, result.fill);
    else if (node.kind == Node::Kind::List)
      readList(node, result);
    else if (node.kind == Node::Kind::Map)
      readMap(node, result);
    else
      values.mistaken(name, "numbers: one, 'identity', a list or a map", node);
    if (diagnostics.count() != before)
      return std::nullopt;
    return result;
  }

private:
  void add(WeightValues &to, int64_t row, int64_t column, const Node &node) {
    double value = 0;
    if (values.real(name, node, Reals::Any, value) && value != 0)
      to.entries.push_back({row, column, value});
  }

  void readList(const Node &node, WeightValues &to) {
    if (node.items.empty())
      return (void)values.mistaken(name, "a list of numbers or of rows", node);
    bool isMatrix = node.items.front().kind == Node::Kind::List;
    size_t columns = isMatrix ? node.items.front().items.size() : 1;
    to.shape.push_back(node.items.size());
    if (isMatrix)
      to.shape.push_back(columns);
    for (auto [row, item] : enumerate(node.items)) {
      if (!isMatrix) {
        add(to, row, 0, item);
        continue;
      }
      if (item.kind != Node::Kind::List || item.items.size() != columns) {
        values.mistaken(name, "rows of " + Twine(columns) + " numbers", item);
        continue;
      }
      for (auto [column, number] : enumerate(item.items))
        add(to, row, column, number);
    }
  }

  /// {row: {column: value}}, or {place: value} of a vector.
  void readMap(const Node &node, WeightValues &to) {
    int64_t lastRow = -1;
    for (const Entry &entry : node.entries) {
      int64_t row = place(entry, lastRow), lastColumn = -1;
      if (entry.value.kind != Node::Kind::Map) {
        add(to, row, 0, entry.value);
        continue;
      }
      for (const Entry &inner : entry.value.entries)
        add(to, row, place(inner, lastColumn), inner.value);
    }
  }

  int64_t place(const Entry &entry, int64_t &last) {
    std::optional<int64_t> number = readWhole(entry.key);
    if (!number || *number <= last || *number > mostSize)
      diagnostics.error(entry.place, "'" + name +
                                         "' takes places from 0 in ascending "
                                         "order, not '" +
                                         entry.key + "'");
    else
      last = *number;
    return last;
  }

  std::string name;
  Diagnostics &diagnostics;
  ValueReader values;
};

} // namespace

void readWeightValues(const Node &node, Layer &layer,
                      Diagnostics &diagnostics) {
  if (node.kind != Node::Kind::Map)
    return (void)ValueReader(diagnostics)
        .mistaken("values", "a map from weights to their values", node);
  for (const Entry &entry : node.entries)
    if (auto values = ValuesReader(entry.key, diagnostics).read(entry.value))
      layer.values[entry.key] =
          std::make_shared<WeightValues>(std::move(*values));
}

/// Rows in brackets where a list said them.
static std::vector<std::string> writeRows(const WeightValues &values) {
  std::vector<std::string> texts;
  size_t next = 0;
  auto number = [&](int64_t row, int64_t column) {
    double value = 0;
    if (next < values.entries.size() && values.entries[next].row == row &&
        values.entries[next].column == column)
      value = values.entries[next++].value;
    return writeReal(value);
  };
  for (int64_t row = 0; row != values.shape[0]; ++row) {
    if (values.shape.size() == 1) {
      texts.push_back(number(row, 0));
      continue;
    }
    for (int64_t column = 0; column != values.shape[1]; ++column) {
      std::string text = column ? "" : "[";
      text += number(row, column);
      texts.push_back(column + 1 == values.shape[1] ? text + "]" : text);
    }
  }
  texts.front() = "[" + texts.front();
  texts.back() += "]";
  return texts;
}

/// {row: {column: value}}, or {row: value} when all are in the first column.
static std::vector<std::string> writePlaces(const WeightValues &values) {
  bool isVector =
      all_of(values.entries, [](auto &entry) { return entry.column == 0; });
  std::vector<std::string> texts;
  int64_t row = -1;
  for (const WeightValues::Entry &entry : values.entries) {
    std::string text = std::to_string(isVector ? entry.row : entry.column) +
                       ": " + writeReal(entry.value);
    if (!isVector && entry.row != row) {
      if (!texts.empty())
        texts.back() += "}";
      text = std::to_string(entry.row) + ": {" + text;
    }
    row = entry.row;
    texts.push_back(text);
  }
  texts.front() = "{" + texts.front();
  texts.back() += isVector ? "}" : "}}";
  return texts;
}

std::vector<std::string> writeWeightValues(const WeightValues &values) {
  if (values.diagonal != 0)
    return {"identity"};
  if (!values.shape.empty())
    return writeRows(values);
  if (values.entries.empty())
    return {writeReal(values.fill)};
  return writePlaces(values);
}

std::string valuesFault(const WeightValues &values,
                        const std::vector<int64_t> &shape) {
  auto show = [](const std::vector<int64_t> &sizes) {
    std::string text;
    for (int64_t size : sizes)
      text += (text.empty() ? "[" : ", ") + std::to_string(size);
    return text + "]";
  };
  if (!values.shape.empty() && values.shape != shape)
    return "has the shape " + show(shape) + ", the values have " +
           show(values.shape);
  if (values.diagonal != 0 && shape.size() != 2)
    return "is a vector: 'identity' is a matrix";
  int64_t rows = shape[0], columns = shape.size() == 2 ? shape[1] : 1;
  for (const WeightValues::Entry &entry : values.entries)
    if (entry.row >= rows || entry.column >= columns)
      return "has the shape " + show(shape) + " and no place " +
             show({entry.row, entry.column});
  return "";
}

} // namespace spec
