// Reads, writes and checks the map from our weight names to foreign tensors.
#include "compiler/Spec/WeightNames.h"
#include "compiler/Spec/Checker.h"
#include "compiler/Spec/Numbers.h"
#include "compiler/Spec/Parser.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"

#include <cmath>

using namespace llvm;

namespace spec {

/// "{i}", "{i*6}", "{i+5}" or "{i*6+5}".
static bool isIndex(StringRef text) {
  uint32_t number;
  if (!text.consume_front("{") || text.empty() || !isLower(text.front()))
    return false;
  text = text.drop_front();
  for (StringRef sign : {"*", "+"})
    if (text.consume_front(sign) && text.consumeInteger(10, number))
      return false;
  return text == "}";
}

static bool readSlice(StringRef text, WeightSource::Slice &slice) {
  if (isIndex(text.trim())) {
    slice.index = text.trim().str();
    return true;
  }
  auto bound = [](StringRef digits, int64_t &value) {
    if (digits.empty())
      return true;
    std::optional<int64_t> number = readWhole(digits);
    if (!number || *number < 0)
      return false;
    value = *number;
    return true;
  };
  size_t colon = text.find(':');
  if (colon == StringRef::npos)
    return false;
  return bound(text.take_front(colon).trim(), slice.begin) &&
         bound(text.drop_front(colon + 1).trim(), slice.end);
}

/// Takes ".reshape(12, 3, 64)" off the end, if it is there.
static bool readReshape(StringRef &text, std::vector<int64_t> &sizes) {
  constexpr StringRef opening = ".reshape(";
  size_t open = text.rfind(opening);
  if (open == StringRef::npos)
    return true;
  StringRef list = text.drop_front(open + opening.size());
  text = text.take_front(open);
  if (!list.consume_back(")"))
    return false;
  SmallVector<StringRef> parts;
  list.split(parts, ',');
  for (StringRef part : parts) {
    std::optional<int64_t> size = readWhole(part.trim());
    if (!size || *size < 1 || *size > mostSize)
      return false;
    sizes.push_back(*size);
  }
  return true;
}

static bool readOne(StringRef text, WeightSource &source, std::string &fault) {
  auto fail = [&](const Twine &why) {
    fault = why.str();
    return false;
  };
  double number;
  if (to_float(text, number) && std::isfinite(number)) {
    source.constant = number;
    return true;
  }
  StringRef rest = text;
  source.unit = rest.consume_back(".unit()");
  bool whole = rest.consume_back(".T"), matrices = rest.consume_back(".mT");
  source.transpose = whole || matrices;
  if (rest.ends_with("]")) {
    rest = rest.drop_back();
    size_t open = rest.rfind('[');
    if (open == StringRef::npos)
      return fail("']' without '['");
    SmallVector<StringRef> parts;
    rest.drop_front(open + 1).split(parts, ',');
    for (StringRef part : parts) {
      WeightSource::Slice slice;
      if (!readSlice(part, slice))
        return fail("'" + part.trim() +
                    "' is no slice; write ':', 'FROM:', ':TO', 'FROM:TO' or an "
                    "index as '{j}'");
      if (slice.end >= 0 && slice.end <= slice.begin)
        return fail("the slice '" + part.trim() + "' is empty");
      source.slices.push_back(slice);
    }
    rest = rest.take_front(open);
  }
  if (!readReshape(rest, source.reshape))
    return fail("write .reshape(SIZE, SIZE, ...) with sizes of at least 1");
  if (source.reshape.empty() ? matrices : whole)
    return fail("'.T' transposes a matrix, '.mT' the last two dimensions "
                "behind '.reshape'");
  if (rest.empty() || rest.trim() != rest)
    return fail("expected the name of a tensor");
  if (rest.contains('[') || rest.contains(']'))
    return fail("slices come last, before '.T', '.mT' and '.unit()'");
  source.tensor = rest.str();
  return true;
}

bool readWeightSource(StringRef text, WeightSource &source,
                      std::string &fault) {
  SmallVector<StringRef> summands;
  text.split(summands, " + ");
  if (!readOne(summands.front().trim(), source, fault))
    return false;
  for (StringRef summand : ArrayRef(summands).drop_front())
    if (!readOne(summand.trim(), source.plus.emplace_back(), fault))
      return false;
  return true;
}

static std::string writeOne(const WeightSource &source) {
  if (source.constant)
    return writeReal(*source.constant);
  std::string text = source.tensor;
  for (size_t i = 0; i != source.reshape.size(); ++i)
    text += (i ? ", " : ".reshape(") + std::to_string(source.reshape[i]);
  text += source.reshape.empty() ? "" : ")";
  for (size_t i = 0; i != source.slices.size(); ++i) {
    const WeightSource::Slice &slice = source.slices[i];
    text += i ? ", " : "[";
    if (!slice.index.empty()) {
      text += slice.index;
      continue;
    }
    if (slice.begin || slice.end >= 0)
      text += std::to_string(slice.begin);
    text += ":";
    if (slice.end >= 0)
      text += std::to_string(slice.end);
  }
  if (!source.slices.empty())
    text += "]";
  if (source.transpose)
    text += source.reshape.empty() ? ".T" : ".mT";
  return source.unit ? text + ".unit()" : text;
}

std::string writeWeightSource(const WeightSource &source) {
  std::string text = writeOne(source);
  for (const WeightSource &summand : source.plus)
    text += " + " + writeOne(summand);
  return text;
}

static void readFiles(const Node &node, WeightFiles &weights,
                      Diagnostics &diagnostics) {
  ValueReader values(diagnostics);
  if (node.kind != Node::Kind::List)
    return (void)values.mistaken("files", "a list of file names", node);
  for (const Node &item : node.items) {
    if (!item.isScalar() || item.text.empty())
      values.mistaken("files", "file names", item);
    else
      weights.files.push_back(item.text);
  }
}

static void readNames(const Node &node, WeightFiles &weights,
                      Diagnostics &diagnostics) {
  ValueReader values(diagnostics);
  if (node.kind != Node::Kind::Map)
    return (void)values.mistaken("names", "a map from our names to theirs",
                                 node);
  for (const Entry &entry : node.entries) {
    WeightSource source;
    std::string fault;
    source.place = entry.place;
    if (!entry.value.isScalar())
      values.mistaken(entry.key, "the name of a tensor", entry.value);
    else if (!readWeightSource(entry.value.text, source, fault))
      diagnostics.error(entry.value.place, fault);
    else
      weights.names[entry.key] = source;
  }
}

void readWeightFiles(const Node &node, WeightFiles &weights,
                     Diagnostics &diagnostics) {
  ValueReader values(diagnostics);
  static constexpr StringRef known[] = {"files", "names"};
  if (node.kind != Node::Kind::Map)
    return (void)values.mistaken("weights", "'files' and 'names'", node);
  for (const Entry &entry : node.entries) {
    if (entry.key == "files")
      readFiles(entry.value, weights, diagnostics);
    else if (entry.key == "names")
      readNames(entry.value, weights, diagnostics);
    else
      diagnostics.error(entry.place, "unknown field '" + entry.key +
                                         "' of 'weights'" +
                                         didYouMean(entry.key, known));
  }
  const Entry *files = node.find("files");
  if (!files ||
      (files->value.kind == Node::Kind::List && files->value.items.empty()))
    diagnostics.error(files ? files->place : node.place,
                      "'weights' needs 'files'");
}

/// A tensor that is reshaped has our values in our order in the end.
static std::string reshapeFault(const WeightSource &source) {
  if (source.transpose && source.reshape.size() < 2)
    return "'.mT' needs two dimensions";
  if (!source.slices.empty() && source.slices.size() != source.reshape.size())
    return std::to_string(source.reshape.size()) +
           " dimensions need as many "
           "slices, not " +
           std::to_string(source.slices.size());
  return "";
}

/// The sizes of the cut that the source itself says, against our shape.
static std::string cutFault(const WeightSource &source,
                            const Parameter &parameter) {
  if (!source.reshape.empty())
    return reshapeFault(source);
  size_t rank = parameter.shape.size();
  if (source.transpose && rank != 2)
    return "'.T' needs a matrix, '" + parameter.name + "' is a vector";
  if (source.slices.size() != rank)
    return "";
  for (size_t i = 0; i != rank; ++i) {
    const WeightSource::Slice &slice = source.slices[i];
    int64_t ours = parameter.shape[source.transpose ? rank - 1 - i : i];
    if (!slice.index.empty() && ours != 1)
      return "the index " + slice.index + " leaves one value, '" +
             parameter.name + "' has " + std::to_string(ours) + " there";
    if (slice.end >= 0 && slice.end - slice.begin != ours)
      return "the slice " + std::to_string(slice.begin) + ":" +
             std::to_string(slice.end) + " has " +
             std::to_string(slice.end - slice.begin) + " values, '" +
             parameter.name + "' has " + std::to_string(ours) + " there";
  }
  return "";
}

/// Whether an index of that letter is in it.
static bool usesIndex(StringRef name, char letter) {
  std::string open = {'{', letter};
  for (size_t at = name.find(open); at != StringRef::npos;
       at = name.find(open, at + 1)) {
    StringRef rest = name.drop_front(at + 2);
    if (rest.starts_with("}") || rest.starts_with("*") || rest.starts_with("+"))
      return true;
  }
  return false;
}

void checkWeightNames(const Spec &spec, const LeafCheck::ErrorSink &sink) {
  if (!spec.weights)
    return;
  std::vector<Parameter> parameters = listParameters(spec);
  std::map<std::string, const Parameter *> byName;
  SmallVector<StringRef> known;
  for (const Parameter &parameter : parameters) {
    byName[parameter.name] = &parameter;
    known.push_back(parameter.name);
  }
  for (const auto &[name, source] : spec.weights->names) {
    auto found = byName.find(name);
    if (found == byName.end()) {
      sink(source.place,
           "the model has no weight '" + name + "'" + didYouMean(name, known));
      continue;
    }
    const Parameter &parameter = *found->second;
    if (source.constant)
      continue;
    for (size_t i = 0; i != 26; ++i) {
      std::string letter = std::string("{") + char('a' + i) + "}";
      bool ours = StringRef(name).contains(letter);
      bool theirs = usesIndex(source.tensor, char('a' + i)) ||
                    any_of(source.slices, [&](const auto &slice) {
                      return usesIndex(slice.index, char('a' + i));
                    });
      if (ours != theirs)
        sink(source.place,
             "'" + letter + "' is in '" + (ours ? name : source.tensor) +
                 "' but not in '" + (ours ? source.tensor : name) + "'");
    }
    if (std::string fault = cutFault(source, parameter); !fault.empty())
      sink(source.place, fault);
  }
}

} // namespace spec
