// The canonical form: every size, no defaults, switches that are off left out.
#include "compiler/Spec/Printer.h"
#include "compiler/Spec/Checker.h"
#include "compiler/Spec/Numbers.h"
#include "compiler/Spec/Parser.h"
#include "compiler/Spec/WeightNames.h"
#include "compiler/Spec/WeightValues.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"

#include <cmath>

using namespace llvm;

namespace spec {

namespace {

/// The writing visitor: "name: value" for each field that says something.
class FieldPrinter final : public FieldVisitor {
public:
  void size(const Field &field, int64_t &value) override {
    if (value)
      add(field, std::to_string(value));
  }
  void size(const Field &field, std::optional<int64_t> &value) override {
    if (value)
      add(field, std::to_string(*value));
  }
  void real(const Field &field, double &value, Reals, double idle) override {
    if (value != idle)
      add(field, writeReal(value));
  }
  void real(const Field &field, std::optional<double> &value) override {
    if (value)
      add(field, writeReal(*value));
  }
  void flag(const Field &field, bool &value,
            std::optional<bool> idle) override {
    if (value != idle)
      add(field, value ? "true" : "false");
  }
  void choice(const Field &field, unsigned &index, Words words) override {
    add(field, words[index].str());
  }
  void choice(const Field &field, std::optional<unsigned> &index,
              Words words) override {
    if (index)
      choice(field, *index, words);
  }
  void variant(const Field &field, unsigned &index, Words words,
               InnerFields fields) override {
    if (!index)
      return;
    FieldPrinter inner;
    fields(index, inner);
    std::string word = words[index].str();
    add(field,
        inner.texts.empty() ? word : "{" + word + ": " + inner.map() + "}");
  }
  void inner(const Field &field, Fields fields) override {
    FieldPrinter inner;
    fields(inner);
    if (!inner.texts.empty())
      add(field, inner.map());
  }
  void sizes(const Field &field, ArrayRef<int64_t *> values) override {
    std::string text;
    for (int64_t *value : values)
      text += (text.empty() ? "" : ", ") + std::to_string(*value);
    add(field, "[" + text + "]");
  }
  void reals(const Field &field, std::vector<double> &values) override {
    if (!values.empty())
      add(field, "[" + join(map_range(values, writeReal), ", ") + "]");
  }
  void parts(const Field &field, ArrayRef<Part> parts) override {
    SmallVector<StringRef> words = trueOf(parts);
    if (words.size() == parts.size())
      return add(field, "true");
    if (!words.empty())
      add(field, "[" + join(words, ", ") + "]");
  }
  void some(const Field &field, ArrayRef<Part> parts) override {
    SmallVector<StringRef> words = trueOf(parts);
    if (words.size() == 1)
      return add(field, words[0].str());
    if (!words.empty())
      add(field, "[" + join(words, ", ") + "]");
  }

  void add(const Field &field, const std::string &value) {
    names.push_back(field.name);
    texts.push_back(field.name.str() + ": " + value);
  }
  std::string map() const { return "{" + join(texts, ", ") + "}"; }

  SmallVector<StringRef> names;
  SmallVector<std::string> texts;

private:
  static SmallVector<StringRef> trueOf(ArrayRef<Part> parts) {
    SmallVector<StringRef> words;
    for (const Part &part : parts)
      if (*part.second)
        words.push_back(part.first);
    return words;
  }
};

class LayerPrinter {
public:
  std::string text;

  /// `first` stands before the first item, where a line is already begun.
  void list(const Layers &layers, unsigned indent, bool lineBegun = false) {
    for (const Layer &layer : layers) {
      if (!lineBegun)
        text.append(indent, ' ');
      lineBegun = false;
      text += "- ";
      item(layer, indent + 2);
    }
  }

private:
  void item(const Layer &layer, unsigned indent) {
    if (const Leaf *leaf = leafOf(layer.body)) {
      text += this->leaf(*leaf, layer, indent) + "\n";
    } else if (auto *residual = std::get_if<Residual>(&layer.body)) {
      text += "residual:\n";
      list(residual->layers, indent + 2);
    } else if (auto *parallel = std::get_if<Parallel>(&layer.body)) {
      text += "parallel:\n";
      list(parallel->branches, indent + 2);
    } else if (auto *outputs = std::get_if<Outputs>(&layer.body)) {
      text += "outputs:\n";
      for (auto [name, branch] : zip(outputs->names, outputs->branches)) {
        text.append(indent + 2, ' ');
        text += name + ":\n";
        list(std::get<Sequence>(branch.body).layers, indent + 4);
      }
    } else if (auto *exit = std::get_if<Exit>(&layer.body)) {
      std::string margin(indent + 2, ' ');
      text += "exit:\n" + margin +
              "above: " + (exit->above ? writeReal(*exit->above) : "none") +
              "\n";
      if (layer.fields.count("as"))
        text += margin + "as: " + asName(layer) + "\n";
      text += margin + "layers:\n";
      list(exit->layers, indent + 4);
    } else if (auto *sequence = std::get_if<Sequence>(&layer.body)) {
      if (sequence->name.empty())
        list(sequence->layers, indent, /*lineBegun=*/true);
      else
        text += sequence->name + "\n";
    } else if (auto *repeat = std::get_if<Repeat>(&layer.body)) {
      std::string margin(indent, ' ');
      text += "repeat: " + std::to_string(repeat->count) + "\n";
      if (repeat->share)
        text += margin + "share: true\n";
      if (layer.fields.count("as"))
        text += margin + "as: " + asName(layer) + "\n";
      text += margin + "layers:\n";
      list(repeat->layers, indent + 2);
    }
  }

  static std::string asName(const Layer &layer) {
    StringRef scope = layer.scope;
    if (scope.ends_with("}"))
      scope = scope.rsplit('.').first;
    size_t dot = scope.rfind('.');
    return (dot == StringRef::npos ? scope : scope.drop_front(dot + 1)).str();
  }

  static std::string leaf(const Leaf &leaf, const Layer &layer,
                          unsigned indent) {
    FieldPrinter printer;
    LayerBody body = layer.body; // visitors may write, this one does not
    leaf.visit(body, printer);
    if (layer.fields.count("as"))
      printer.add({"as", ""}, asName(layer));
    addValues(layer, printer);
    std::string start = leaf.name.str();
    if (printer.texts.empty())
      return start;
    if (printer.texts.size() == 1 && printer.names[0] == leaf.word)
      return printer.texts[0].replace(0, leaf.word.size(), start);
    return wrap(start + ": {", printer.texts, indent) + "}";
  }

  /// The values that the spec has, but for those that follow from its words.
  static void addValues(const Layer &layer, FieldPrinter &printer) {
    std::vector<std::string> texts;
    for (const auto &[name, values] : layer.values) {
      if (values->derived)
        continue;
      std::vector<std::string> pieces = writeWeightValues(*values);
      pieces.front() = name + ": " + pieces.front();
      texts.insert(texts.end(), pieces.begin(), pieces.end());
    }
    if (texts.empty())
      return;
    texts.front() = "values: {" + texts.front();
    texts.back() += "}";
    for (std::string &text : texts) {
      printer.names.push_back("values");
      printer.texts.push_back(std::move(text));
    }
  }

  /// Fields on lines of at most 100 columns.
  static std::string wrap(std::string line, ArrayRef<std::string> fields,
                          unsigned indent) {
    std::string done;
    unsigned margin = indent + line.size();
    for (size_t i = 0; i != fields.size(); ++i) {
      if (i && indent + line.size() + fields[i].size() + 3 > 100) {
        done += line + ",\n";
        line = std::string(margin, ' ') + fields[i];
        indent = 0;
      } else {
        line += (i ? ", " : "") + fields[i];
      }
    }
    return done + line;
  }
};

std::string quote(StringRef text) {
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\')
      quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

/// Each definition once, those that others use first.
void collectDefinitions(
    const Layers &layers,
    std::vector<std::pair<std::string, const Layers *>> &to) {
  for (const Layer &layer : layers) {
    if (auto *residual = std::get_if<Residual>(&layer.body))
      collectDefinitions(residual->layers, to);
    else if (auto *parallel = std::get_if<Parallel>(&layer.body))
      collectDefinitions(parallel->branches, to);
    else if (auto *outputs = std::get_if<Outputs>(&layer.body))
      collectDefinitions(outputs->branches, to);
    else if (auto *exit = std::get_if<Exit>(&layer.body))
      collectDefinitions(exit->layers, to);
    else if (auto *repeat = std::get_if<Repeat>(&layer.body))
      collectDefinitions(repeat->layers, to);
    else if (auto *sequence = std::get_if<Sequence>(&layer.body)) {
      collectDefinitions(sequence->layers, to);
      auto isKnown = [&](auto &known) { return known.first == sequence->name; };
      if (!sequence->name.empty() && none_of(to, isKnown))
        to.push_back({sequence->name, &sequence->layers});
    }
  }
}

void tidy(Layers &layers, bool areBranches,
          std::map<std::string, std::string> &definitions) {
  Layers tidied;
  for (Layer &layer : layers) {
    if (auto *residual = std::get_if<Residual>(&layer.body))
      tidy(residual->layers, false, definitions);
    else if (auto *parallel = std::get_if<Parallel>(&layer.body))
      tidy(parallel->branches, true, definitions);
    else if (auto *outputs = std::get_if<Outputs>(&layer.body))
      tidy(outputs->branches, true, definitions);
    else if (auto *exit = std::get_if<Exit>(&layer.body))
      tidy(exit->layers, false, definitions);
    else if (auto *repeat = std::get_if<Repeat>(&layer.body))
      tidy(repeat->layers, false, definitions);
    else if (auto *sequence = std::get_if<Sequence>(&layer.body)) {
      tidy(sequence->layers, false, definitions);
      if (sequence->name.empty() && !areBranches) {
        std::move(sequence->layers.begin(), sequence->layers.end(),
                  std::back_inserter(tidied));
        continue;
      }
      std::string text = printLayers(sequence->layers, 0),
                  name = sequence->name;
      for (unsigned k = 2; !name.empty(); ++k) {
        if (definitions.try_emplace(name, text).first->second == text)
          break;
        name = sequence->name + "_" + std::to_string(k);
      }
      sequence->name = name;
    }
    tidied.push_back(std::move(layer));
  }
  layers = std::move(tidied);
}

} // namespace

std::string printLayers(const Layers &layers, unsigned indent) {
  LayerPrinter printer;
  printer.list(layers, indent);
  return printer.text;
}

void tidySequences(Spec &spec) {
  std::map<std::string, std::string> definitions;
  tidy(spec.encoder, false, definitions);
  tidy(spec.layers, false, definitions);
}

/// The sizes that the decoder has too are said as well.
static std::string printSource(const Source &source) {
  std::string text = "{context: " + std::to_string(source.context);
  if (source.vocab)
    text += ", vocab: " + std::to_string(source.vocab);
  if (source.start)
    text += ", start: " + std::to_string(*source.start);
  if (source.end)
    text += ", end: " + std::to_string(*source.end);
  return text + "}";
}

std::string printSpec(const Spec &spec) {
  std::string text = "model: " + spec.model + "\n";
  if (spec.dtype != Dtype::F32)
    text += "dtype: " + wordFor(spec.dtype).str() + "\n";
  text += "dim: " + std::to_string(spec.dim) + "\n";
  if (spec.context)
    text += "context: " + std::to_string(spec.context) + "\n";
  if (spec.vocab)
    text += "vocab: " + std::to_string(spec.vocab) + "\n";
  if (spec.translates())
    text += "source: " + printSource(spec.source) + "\n";
  std::vector<std::pair<std::string, const Layers *>> definitions;
  collectDefinitions(spec.encoder, definitions);
  collectDefinitions(spec.layers, definitions);
  if (!definitions.empty())
    text += "define:\n";
  for (auto &[name, layers] : definitions)
    text += "  " + name + ":\n" + printLayers(*layers, 4);
  if (spec.translates())
    text += "encoder:\n" + printLayers(spec.encoder, 2) + "decoder:\n";
  else
    text += "layers:\n";
  text += printLayers(spec.layers, 2);
  if (!spec.weights)
    return text;
  text += "weights:\n  files:\n";
  for (const std::string &file : spec.weights->files)
    text += "    - " + quote(file) + "\n";
  if (!spec.weights->names.empty())
    text += "  names:\n";
  for (const auto &[ours, theirs] : spec.weights->names)
    text +=
        "    " + quote(ours) + ": " + quote(writeWeightSource(theirs)) + "\n";
  return text;
}

} // namespace spec
