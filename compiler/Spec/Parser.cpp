// Reads the spec's own keys and hands the rest to the readers of layers and
// weights, then to the checker.
#include "compiler/Spec/Parser.h"
#include "compiler/Spec/Checker.h"
#include "compiler/Spec/LayerReader.h"
#include "compiler/Spec/Tree.h"
#include "compiler/Spec/Values.h"
#include "compiler/Spec/WeightNames.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace spec {

namespace {

class SpecReader {
public:
  SpecReader(Spec &spec, Diagnostics &diagnostics)
      : spec(spec), diagnostics(diagnostics), values(diagnostics),
        layers(diagnostics) {}

  BrokenPlaces read(const Node &root) {
    if (root.kind != Node::Kind::Map) {
      diagnostics.error(root.place, "a spec is a map that starts with 'model: "
                                    "NAME', not " +
                                        root.describe());
      return {};
    }
    for (const Entry &entry : root.entries) {
      spec.fields[entry.key] = entry.place;
      readKey(entry);
    }
    const Entry *streams = root.find("streams");
    if (streams && !root.find("encoder"))
      layers.streams.read(streams->value, words, spec);
    return readStacks(root);
  }

private:
  static Words known() {
    static constexpr StringRef words[] = {
        "model",    "dtype",   "dim",    "context", "vocab",
        "defaults", "define",  "layers", "encoder", "decoder",
        "source",   "weights", "streams"};
    return words;
  }

  void readKey(const Entry &entry) {
    const Node &value = entry.value;
    if (entry.key == "model")
      values.name("model", value, spec.model);
    else if (entry.key == "dtype")
      readDtype(value);
    else if (entry.key == "dim")
      values.size("dim", value, spec.dim);
    else if (entry.key == "context")
      values.size("context", value, spec.context);
    else if (entry.key == "vocab" && value.kind == Node::Kind::List)
      readVocab(value);
    else if (entry.key == "vocab")
      values.size("vocab", value, spec.vocab);
    else if (entry.key == "defaults")
      layers.setDefaults(value);
    else if (entry.key == "define")
      layers.setDefinitions(value);
    else if (entry.key == "weights")
      readWeightFiles(value, spec.weights.emplace(), diagnostics);
    else if (entry.key == "source")
      readSource(value);
    else if (!is_contained({"layers", "encoder", "decoder", "streams"},
                           StringRef(entry.key)))
      diagnostics.error(entry.place, "unknown key '" + entry.key + "'" +
                                         didYouMean(entry.key, known()));
  }

  /// The model's layers, or its encoder's and its decoder's.
  BrokenPlaces readStacks(const Node &root) {
    const Entry *all = root.find("layers");
    const Entry *encoder = root.find("encoder"),
                *decoder = root.find("decoder");
    size_t before = diagnostics.count();
    if (!all && !encoder && !decoder) {
      diagnostics.error({1, 1}, "a spec needs 'layers'");
      return {{0, 0}}; // where the checker looks for missing layers
    }
    for (const Entry *stack : {encoder, decoder})
      if (all && stack)
        diagnostics.error(stack->place,
                          "'" + stack->key +
                              "' beside 'layers': a model has 'layers', or "
                              "'encoder' and 'decoder'");
    if (!all && !(encoder && decoder))
      diagnostics.error((encoder ? encoder : decoder)->place,
                        encoder ? "'encoder' needs 'decoder', layers that read "
                                  "its rows"
                                : "'decoder' needs 'encoder', layers whose "
                                  "rows it reads");
    if (const Entry *streams = root.find("streams"); streams && encoder)
      diagnostics.error(streams->place,
                        "'streams' beside 'encoder' is not supported yet");
    // Lists that are missing, or are not read, have been reported.
    if (diagnostics.count() != before)
      for (const Entry *stack : {encoder, decoder})
        layers.broken.insert(
            stack ? std::pair(stack->place.line, stack->place.column)
                  : std::pair(0u, 0u));
    if (all) {
      layers.read("layers", all->place, all->value, spec.layers);
    } else {
      if (encoder)
        layers.read("encoder", encoder->place, encoder->value, spec.encoder);
      if (decoder)
        layers.read("decoder", decoder->place, decoder->value, spec.layers);
    }
    if (diagnostics.count() == before) {
      layers.reportUnused();
      layers.streams.reportUnused();
    }
    return layers.broken;
  }

  void readSource(const Node &map) {
    if (map.kind != Node::Kind::Map)
      return (void)values.mistaken("source", "a map of fields", map);
    static constexpr StringRef known[] = {"context", "vocab", "start", "end"};
    for (const Entry &entry : map.entries) {
      spec.fields["source." + entry.key] = entry.place;
      if (entry.key == "context")
        values.size("context", entry.value, spec.source.context);
      else if (entry.key == "vocab")
        values.size("vocab", entry.value, spec.source.vocab);
      else if (entry.key == "start")
        values.token("start", entry.value, spec.source.start);
      else if (entry.key == "end")
        values.token("end", entry.value, spec.source.end);
      else
        diagnostics.error(entry.place, "unknown field '" + entry.key +
                                           "' of 'source'" +
                                           didYouMean(entry.key, known));
    }
  }

  /// The words of a small vocabulary; without streams only their number counts.
  void readVocab(const Node &list) {
    for (const Node &item : list.items)
      if (!item.isScalar())
        values.mistaken("vocab", "a list of words", item);
      else if (is_contained(words, item.text))
        diagnostics.error(item.place, "'" + item.text + "' is said twice");
      else
        words.push_back(item.text);
    if (list.items.empty())
      values.mistaken("vocab", "a whole number or a list of words", list);
    spec.vocab = words.size();
  }

  void readDtype(const Node &value) {
    unsigned index;
    if (values.word("dtype", "dtype", value, wordsOf(spec.dtype), index))
      spec.dtype = static_cast<Dtype>(index);
  }

  Spec &spec;
  Diagnostics &diagnostics;
  ValueReader values;
  LayerReader layers;
  std::vector<std::string> words; ///< of the vocabulary
};

} // namespace

std::optional<Spec> parseSpec(SourceMgr &sources) {
  Diagnostics diagnostics;
  Spec spec;
  spec.path = sources.getMemoryBuffer(sources.getMainFileID())
                  ->getBufferIdentifier()
                  .str();
  if (std::optional<Node> root = readTree(sources, diagnostics)) {
    BrokenPlaces broken = SpecReader(spec, diagnostics).read(*root);
    if (root->kind == Node::Kind::Map)
      checkSpec(
          spec,
          [&](Place place, const Twine &message) {
            diagnostics.error(place, message);
          },
          broken);
  }
  if (!diagnostics.count())
    return spec;
  diagnostics.print(sources);
  return std::nullopt;
}

} // namespace spec
