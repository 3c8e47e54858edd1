// Names of layers: a leaf's own name, numbered from the second on, below the
// names of the repeats around it.
#include "compiler/Spec/Checker.h"
#include "compiler/Spec/Values.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringMap.h"

using namespace llvm;

namespace spec {

namespace {

/// {i} to {l}; nobody has needed {k}.
constexpr unsigned mostLetters = 4;

class ScopeAssigner {
public:
  explicit ScopeAssigner(const LeafCheck::ErrorSink &sink) : sink(sink) {}

  /// One of an encoder-decoder's lists, with names of its own.
  void assignStack(StringRef name, Layers &layers) {
    encodes = name == "encoder";
    components.push_back({name.str(), false});
    names.emplace_back();
    assign(layers);
    names.pop_back();
    components.pop_back();
  }

  void assign(Layers &layers, unsigned nesting = 0) {
    if (nesting > mostNesting)
      return sink(layers.empty() ? Place() : layers.front().place,
                  nestedTooDeep());
    for (Layer &layer : layers)
      assign(layer, nesting);
  }

private:
  struct Component {
    std::string name;
    bool indexed;
  };
  struct Names {
    StringMap<unsigned> counts; ///< automatic names of each word so far
    StringMap<Place> used;
  };

  void assign(Layer &layer, unsigned nesting) {
    layer.encodes = encodes;
    if (const Leaf *leaf = leafOf(layer.body)) {
      layer.scope = path(nameOf(layer, leaf->name));
    } else if (auto *residual = std::get_if<Residual>(&layer.body)) {
      assign(residual->layers, nesting + 1);
    } else if (auto *parallel = std::get_if<Parallel>(&layer.body)) {
      assign(parallel->branches, nesting + 1);
    } else if (auto *outputs = std::get_if<Outputs>(&layer.body)) {
      assign(*outputs, layer.place, nesting + 1);
    } else if (auto *exit = std::get_if<Exit>(&layer.body)) {
      assignBelow(layer, {nameOf(layer, "exit"), false}, exit->layers, nesting);
    } else if (auto *sequence = std::get_if<Sequence>(&layer.body)) {
      assign(sequence->layers, nesting + 1);
    } else if (auto *repeat = std::get_if<Repeat>(&layer.body)) {
      assignBelow(layer, {nameOf(layer, "layers"), !repeat->share},
                  repeat->layers, nesting);
    }
  }

  /// Layers of a combinator with a name of its own.
  void assignBelow(Layer &layer, Component component, Layers &inside,
                   unsigned nesting) {
    components.push_back(std::move(component));
    names.emplace_back();
    layer.scope = path("");
    assign(inside, nesting + 1);
    names.pop_back();
    components.pop_back();
  }

  /// Below the names of the outputs.
  void assign(Outputs &outputs, Place place, unsigned nesting) {
    for (auto [name, branch] : zip(outputs.names, outputs.branches)) {
      auto [first, isNew] = names.back().used.try_emplace(name, place);
      if (!isNew)
        sink(branch.place,
             "two layers are named '" + name + "'" + said(first->second));
      components.push_back({name, false});
      names.emplace_back();
      assign(branch, nesting);
      names.pop_back();
      components.pop_back();
    }
  }

  std::string nameOf(const Layer &layer, StringRef word) {
    auto as = layer.fields.find("as");
    std::string name = as == layer.fields.end()
                           ? automatic(word)
                           : lastComponent(layer.scope).str();
    if (as != layer.fields.end() && !isName(name)) {
      if (!layer.place.line) // the reader has reported it otherwise
        sink(layer.place, "'" + name + "' is no name for a layer");
      return automatic(word);
    }
    auto [first, isNew] = names.back().used.try_emplace(name, layer.place);
    if (!isNew)
      sink(as == layer.fields.end() ? layer.place : as->second,
           "two layers are named '" + name + "'" + said(first->second));
    return name;
  }

  std::string automatic(StringRef word) {
    unsigned count = ++names.back().counts[word];
    return count == 1 ? word.str() : (word + "_" + Twine(count)).str();
  }

  /// `layers.{i}` of a repeat is named `layers`.
  static StringRef lastComponent(StringRef scope) {
    if (scope.ends_with("}"))
      scope = scope.rsplit('.').first;
    size_t dot = scope.rfind('.');
    return dot == StringRef::npos ? scope : scope.drop_front(dot + 1);
  }

  std::string path(StringRef last) {
    std::string text;
    unsigned left = 0;
    for (const Component &component : components)
      left += component.indexed;
    if (left > mostLetters && !reported) {
      reported = true;
      sink({}, "repeats are nested more than " + Twine(mostLetters) + " deep");
    }
    for (const Component &component : components) {
      text += component.name + ".";
      if (component.indexed)
        text += std::string("{") + char('i' + --left) + "}.";
    }
    if (last.empty())
      text.pop_back();
    return text + last.str();
  }

  const LeafCheck::ErrorSink &sink;
  SmallVector<Component> components;
  SmallVector<Names> names = {Names()};
  bool reported = false, encodes = false;
};

} // namespace

void assignScopes(Spec &spec, const LeafCheck::ErrorSink &sink) {
  ScopeAssigner assigner(sink);
  if (!spec.translates())
    return assigner.assign(spec.layers);
  assigner.assignStack("encoder", spec.encoder);
  assigner.assignStack("decoder", spec.layers);
}

} // namespace spec
