// Reads, writes and checks the map from our weight names to foreign tensors.
#include "compiler/Spec/WeightNames.h"
#include "compiler/Spec/Checker.h"
#include "compiler/Spec/Numbers.h"
#include "compiler/Spec/Parser.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;

namespace spec {

static bool readSlice(StringRef text, WeightSource::Slice &slice) {
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

bool readWeightSource(StringRef text, WeightSource &source,
                      std::string &fault) {
  auto fail = [&](const Twine &why) {
    fault = why.str();
    return false;
  };
  StringRef rest = text;
  source.transpose = rest.consume_back(".T");
  if (rest.consume_back("]")) {
    size_t open = rest.rfind('[');
    if (open == StringRef::npos)
      return fail("']' without '['");
    SmallVector<StringRef> parts;
    rest.drop_front(open + 1).split(parts, ',');
    for (StringRef part : parts) {
      WeightSource::Slice slice;
      if (!readSlice(part, slice))
        return fail("'" + part.trim() +
                    "' is no slice; write ':', 'FROM:', ':TO' or 'FROM:TO'");
      if (slice.end >= 0 && slice.end <= slice.begin)
        return fail("the slice '" + part.trim() + "' is empty");
      source.slices.push_back(slice);
    }
    rest = rest.take_front(open);
  }
  if (rest.empty() || rest.trim() != rest)
    return fail("expected the name of a tensor");
  if (rest.contains('[') || rest.contains(']'))
    return fail("slices come last, before '.T'");
  source.tensor = rest.str();
  return true;
}

std::string writeWeightSource(const WeightSource &source) {
  std::string text = source.tensor;
  for (size_t i = 0; i != source.slices.size(); ++i) {
    const WeightSource::Slice &slice = source.slices[i];
    text += i ? ", " : "[";
    if (slice.begin || slice.end >= 0)
      text += std::to_string(slice.begin);
    text += ":";
    if (slice.end >= 0)
      text += std::to_string(slice.end);
  }
  if (!source.slices.empty())
    text += "]";
  return source.transpose ? text + ".T" : text;
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

/// The sizes of the cut that the source itself says, against our shape.
static std::string cutFault(const WeightSource &source,
                            const Parameter &parameter) {
  size_t rank = parameter.shape.size();
  if (source.transpose && rank != 2)
    return "'.T' needs a matrix, '" + parameter.name + "' is a vector";
  if (source.slices.size() != rank)
    return "";
  for (size_t i = 0; i != rank; ++i) {
    const WeightSource::Slice &slice = source.slices[i];
    int64_t ours = parameter.shape[source.transpose ? rank - 1 - i : i];
    if (slice.end >= 0 && slice.end - slice.begin != ours)
      return "the slice " + std::to_string(slice.begin) + ":" +
             std::to_string(slice.end) + " has " +
             std::to_string(slice.end - slice.begin) + " values, '" +
             parameter.name + "' has " + std::to_string(ours) + " there";
  }
  return "";
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
    for (size_t i = 0; i != 26; ++i) {
      std::string letter = std::string("{") + char('a' + i) + "}";
      bool ours = StringRef(name).contains(letter);
      bool theirs = StringRef(source.tensor).contains(letter);
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
