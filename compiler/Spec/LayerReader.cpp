// One function for each form that a layer takes.
#include "compiler/Spec/LayerReader.h"
#include "compiler/Spec/FieldReader.h"
#include "compiler/Spec/Numbers.h"
#include "compiler/Spec/WeightValues.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/ScopeExit.h"

using namespace llvm;

namespace spec {

static Words combinators() {
  static constexpr StringRef words[] = {"residual", "parallel", "repeat",
                                        "outputs", "exit"};
  return words;
}

void LayerReader::unknown(StringRef name, Place place) {
  if (isPlanned("layer", name))
    return diagnostics.error(place, "'" + name + "' is not supported yet");
  SmallVector<StringRef> known(combinators());
  for (const Leaf *leaf : leaves())
    known.push_back(leaf->name);
  if (definitions)
    for (const Entry &entry : definitions->entries)
      known.push_back(entry.key);
  diagnostics.error(place,
                    "unknown layer '" + name + "'" + didYouMean(name, known));
}

void LayerReader::setDefaults(const Node &map) {
  if (map.kind != Node::Kind::Map)
    return (void)values.mistaken("defaults", "a map of leaves", map);
  for (const Entry &entry : map.entries) {
    if (!findLeaf(entry.key))
      unknown(entry.key, entry.place);
    else if (entry.value.kind != Node::Kind::Map)
      values.mistaken(entry.key, "a map of fields", entry.value);
  }
  defaults = &map;
}

void LayerReader::setDefinitions(const Node &map) {
  if (map.kind != Node::Kind::Map)
    return (void)values.mistaken("define", "a map of names", map);
  for (const Entry &entry : map.entries) {
    if (!isName(entry.key))
      diagnostics.error(entry.place,
                        "'" + entry.key +
                            "' is no name: letters, digits and underscores, a "
                            "letter first");
    if (findLeaf(entry.key) || is_contained(combinators(), entry.key) ||
        isPlanned("layer", entry.key))
      diagnostics.error(entry.place, "'" + entry.key +
                                         "' is a word of the language and "
                                         "cannot be defined");
  }
  definitions = &map;
}

void LayerReader::reportUnused() {
  if (defaults)
    for (const Entry &entry : defaults->entries)
      if (!usedDefaults.contains(entry.key))
        diagnostics.error(entry.place,
                          "no layer uses the defaults of '" + entry.key + "'");
  if (definitions)
    for (const Entry &entry : definitions->entries)
      if (!usedDefinitions.contains(entry.key))
        diagnostics.error(entry.place,
                          "no layer uses the definition '" + entry.key + "'");
}

Layer &LayerReader::add(Layers &to, LayerBody body, Place place) {
  Layer &layer = to.emplace_back();
  layer.body = std::move(body);
  layer.place = place;
  return layer;
}

void LayerReader::read(StringRef owner, Place place, const Node &list,
                       Layers &to) {
  size_t had = to.size();
  if (list.kind != Node::Kind::List)
    values.mistaken(owner, "a list of layers", list);
  else if (nesting == mostNesting)
    diagnostics.error(place, nestedTooDeep());
  else {
    ++nesting;
    for (const Node &item : list.items)
      readLayer(item, to, owner == "parallel");
    --nesting;
    if (to.size() - had == list.items.size())
      return;
  }
  broken.insert({place.line, place.column});
}

void LayerReader::readLayer(const Node &node, Layers &to, bool isBranch) {
  if (++count > mostLayers) {
    if (count == mostLayers + 1)
      diagnostics.error(node.place, "the model has more than " +
                                        Twine(mostLayers) +
                                        " layers; use 'repeat'");
    return;
  }
  switch (node.kind) {
  case Node::Kind::Nothing:
    return diagnostics.error(node.place, "expected a layer, found nothing");
  case Node::Kind::Word:
  case Node::Kind::Text:
    return readName(node, to);
  case Node::Kind::List:
    if (!isBranch)
      return diagnostics.error(node.place,
                               "a list in a list of layers; only 'parallel' "
                               "takes lists, as its branches");
    {
      Layer &layer = add(to, Sequence(), node.place);
      return read("branch", node.place, node,
                  std::get<Sequence>(layer.body).layers);
    }
  case Node::Kind::Map:
    break;
  }
  if (const Entry *entry = node.find("repeat"))
    return readRepeat(node, *entry, to);
  if (const Entry *entry = node.find("residual"))
    return readResidual(node, *entry, to);
  if (const Entry *entry = node.find("parallel"))
    return readParallel(node, *entry, to);
  if (const Entry *entry = node.find("outputs"))
    return readOutputs(node, *entry, to);
  if (const Entry *entry = node.find("exit"))
    return readExit(node, *entry, to);
  if (node.entries.empty())
    return diagnostics.error(node.place, "expected a layer, found nothing");
  const Entry &entry = node.entries.front();
  for (const Entry &other : drop_begin(node.entries))
    diagnostics.error(other.place, "'" + other.key + "' beside '" + entry.key +
                                       "': a layer has one name, its fields "
                                       "stand below it");
  if (streams.exist() && Streams::isLayer(entry.key))
    return readStreams(entry, to);
  if (const Leaf *leaf = findLeaf(entry.key))
    return readLeaf(*leaf, entry.place, &entry.value, to);
  if (definitions && definitions->find(entry.key))
    return diagnostics.error(entry.place, "the definition '" + entry.key +
                                              "' takes no fields");
  unknown(entry.key, entry.place);
}

void LayerReader::readName(const Node &node, Layers &to) {
  if (streams.exist() && Streams::isLayer(node.text))
    return diagnostics.error(node.place, "'" + node.text +
                                             "' needs its streams, as fields");
  if (const Leaf *leaf = findLeaf(node.text))
    return readLeaf(*leaf, node.place, nullptr, to);
  if (is_contained(combinators(), node.text))
    return diagnostics.error(
        node.place, "'" + node.text + "' needs " +
                        (node.text == "repeat"    ? "a count and 'layers'"
                         : node.text == "outputs" ? "names of lists of layers"
                         : node.text == "exit"    ? "'above' and 'layers'"
                                                  : "a list of layers"));
  const Entry *definition =
      definitions ? definitions->find(node.text) : nullptr;
  if (definition)
    return readDefinition(*definition, node.place, to);
  unknown(node.text, node.place);
}

void LayerReader::readLeaf(const Leaf &leaf, Place place, const Node *fields,
                           Layers &to) {
  Layer &layer = add(to, leaf.make(), place);
  size_t before = diagnostics.count();
  const Entry *usual = defaults ? defaults->find(leaf.name) : nullptr;
  if (usual)
    usedDefaults.insert(leaf.name);

  std::vector<Entry> own;
  if (fields && fields->isScalar() && !leaf.word.empty())
    own.push_back({leaf.word.str(), fields->place, *fields});
  else if (fields && fields->kind == Node::Kind::Map)
    own = fields->entries;
  else if (fields)
    values.mistaken(leaf.name,
                    leaf.word.empty() ? "a map of fields"
                                      : "a word or a map of fields",
                    *fields);

  FieldReader reader(leaf.name, "", own, usual ? &usual->value : nullptr,
                     layer.fields, diagnostics);
  leaf.visit(layer.body, reader);
  if (const Node *as = reader.as())
    readAs(*as, layer);
  if (const Node *values = reader.weightValues())
    readWeightValues(*values, layer, diagnostics);
  reader.finish();
  if (diagnostics.count() != before)
    broken.insert({place.line, place.column});
}

void LayerReader::readStreams(const Entry &entry, Layers &to) {
  size_t had = to.size(), before = diagnostics.count();
  streams.readLayer(entry, to);
  if (diagnostics.count() != before) // then it counts as missing
    to.resize(had);
}

void LayerReader::readDefinition(const Entry &definition, Place place,
                                 Layers &to) {
  usedDefinitions.insert(definition.key);
  if (is_contained(open, definition.key))
    return diagnostics.error(place, "the definition '" + definition.key +
                                        "' uses itself");
  Layer &layer = add(to, Sequence(), place);
  auto &sequence = std::get<Sequence>(layer.body);
  sequence.name = definition.key;
  open.push_back(definition.key);
  read(definition.key, place, definition.value, sequence.layers);
  open.pop_back();
}

void LayerReader::refuseOthers(const Node &map, Words known, StringRef owner) {
  if (owner.empty())
    owner = known.front();
  for (const Entry &entry : map.entries)
    if (!is_contained(known, entry.key))
      diagnostics.error(entry.place, "unknown field '" + entry.key + "' of '" +
                                         owner + "'" +
                                         didYouMean(entry.key, known));
}

void LayerReader::readResidual(const Node &node, const Entry &entry,
                               Layers &to) {
  refuseOthers(node, {"residual"});
  Layer &layer = add(to, Residual(), entry.place);
  read("residual", entry.place, entry.value,
       std::get<Residual>(layer.body).layers);
}

void LayerReader::readParallel(const Node &node, const Entry &entry,
                               Layers &to) {
  refuseOthers(node, {"parallel"});
  Layer &layer = add(to, Parallel(), entry.place);
  read("parallel", entry.place, entry.value,
       std::get<Parallel>(layer.body).branches);
}

void LayerReader::readOutputs(const Node &node, const Entry &entry,
                              Layers &to) {
  refuseOthers(node, {"outputs"});
  Layer &layer = add(to, Outputs(), entry.place);
  auto &outputs = std::get<Outputs>(layer.body);
  if (entry.value.kind != Node::Kind::Map) {
    broken.insert({entry.place.line, entry.place.column});
    return (void)values.mistaken("outputs", "a map of lists of layers",
                                 entry.value);
  }
  for (const Entry &output : entry.value.entries) {
    if (!isName(output.key))
      diagnostics.error(output.place,
                        "'" + output.key +
                            "' is no name: letters, digits and underscores, a "
                            "letter first");
    outputs.names.push_back(output.key);
    Layer &branch = add(outputs.branches, Sequence(), output.place);
    read(output.key, output.place, output.value,
         std::get<Sequence>(branch.body).layers);
  }
}

void LayerReader::readAbove(const Node &node, std::optional<double> &above) {
  if (node.kind == Node::Kind::Word && node.text == "none")
    return;
  std::optional<double> number;
  if (node.kind == Node::Kind::Word)
    number = readReal(node.text);
  if (number && isProbability(*number))
    above = number;
  else
    values.mistaken("above", "a probability, from 0 to 1, or 'none'", node);
}

void LayerReader::readExit(const Node &node, const Entry &entry, Layers &to) {
  refuseOthers(node, {"exit"});
  Layer &layer = add(to, Exit(), entry.place);
  auto &exit = std::get<Exit>(layer.body);
  const Node &map = entry.value;
  auto isMissing = [&](StringRef field) {
    diagnostics.error(entry.place, "'exit' needs '" + field + "'");
    broken.insert({entry.place.line, entry.place.column});
  };
  if (map.kind != Node::Kind::Map) {
    broken.insert({entry.place.line, entry.place.column});
    return (void)values.mistaken("exit", "a map of 'above' and 'layers'", map);
  }
  refuseOthers(map, {"above", "layers", "as"}, "exit");
  if (const Entry *above = map.find("above")) {
    layer.fields["above"] = above->place;
    readAbove(above->value, exit.above);
  } else {
    isMissing("above");
  }
  if (const Entry *as = map.find("as")) {
    layer.fields["as"] = as->place;
    readAs(as->value, layer);
  }
  if (const Entry *list = map.find("layers"))
    read("layers", entry.place, list->value, exit.layers);
  else
    isMissing("layers");
}

void LayerReader::readRepeat(const Node &node, const Entry &entry, Layers &to) {
  refuseOthers(node, {"repeat", "layers", "share", "as"});
  Layer &layer = add(to, Repeat(), entry.place);
  auto &repeat = std::get<Repeat>(layer.body);
  if (!values.size("repeat", entry.value, repeat.count))
    broken.insert({entry.place.line, entry.place.column});
  if (const Entry *share = node.find("share")) {
    layer.fields["share"] = share->place;
    values.flag("share", share->value, repeat.share);
  }
  if (const Entry *as = node.find("as")) {
    layer.fields["as"] = as->place;
    readAs(as->value, layer);
  }
  if (const Entry *list = node.find("layers"))
    read("layers", entry.place, list->value, repeat.layers);
  else {
    diagnostics.error(entry.place, "'repeat' needs 'layers'");
    broken.insert({entry.place.line, entry.place.column});
  }
}

void LayerReader::readAs(const Node &node, Layer &layer) {
  values.name("as", node, layer.scope);
}

} // namespace spec
