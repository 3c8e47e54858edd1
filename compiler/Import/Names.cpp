// Our names and theirs: a table says it for one block, the rest follows from
// where a parameter is in the spec.
#include "compiler/Import/Families.h"
#include "compiler/Spec/Parser.h"
#include "compiler/Spec/WeightNames.h"
#include "compiler/Weights/TensorSource.h"

#include "llvm/ADT/STLExtras.h"

#include <fmt/format.h>

using namespace llvm;

namespace importer {
namespace {

/// "norm_3" is the third norm.
std::pair<StringRef, int64_t> splitNumber(StringRef word) {
  auto [kind, digits] = word.rsplit('_');
  int64_t number;
  if (digits.empty() || digits.getAsInteger(10, number))
    return {word, 1};
  return {kind, number};
}

std::string numbered(StringRef kind, int64_t number) {
  return number == 1 ? kind.str() : fmt::format("{}_{}", kind.str(), number);
}

/// A parameter's name as the table has it, and where it is in theirs.
struct Place {
  std::string name;  ///< "layers.{i}.norm_2.weight"
  std::string index; ///< what stands for {i} in theirs: "{i*6+5}"
  int64_t run = 0;   ///< what stands for {run}
};

class NameMap {
public:
  NameMap(const Import &import, StringRef prefix)
      : import(import), prefix(prefix),
        parameters(spec::listParameters(import.spec)) {
    for (const spec::Layers *stack :
         {&import.spec.encoder, &import.spec.layers})
      for (const spec::Layer &layer : *stack)
        if (auto *repeat = std::get_if<spec::Repeat>(&layer.body))
          findBlocks(repeat->layers);
  }

  std::map<std::string, spec::WeightSource> map() const {
    std::map<std::string, spec::WeightSource> result;
    for (const spec::Parameter &parameter : parameters) {
      Place place = placeOf(parameter.name);
      for (const TensorName &name : import.names)
        if (place.name == name.ours)
          result[parameter.name] = sourceOf(name, place, parameter);
    }
    return result;
  }

private:
  struct Parts {
    StringRef stack; ///< "encoder." or "decoder." of models with both
    int64_t run;     ///< -1: in no repeat with weights of its own
    StringRef word, rest;
  };
  /// "layers_2.{i}.norm_3.weight" is {1, "norm_3", "weight"}.
  static Parts split(StringRef name) {
    StringRef stack;
    for (StringRef each : {"encoder.", "decoder."})
      if (name.consume_front(each))
        stack = each;
    auto [repeat, inner] = name.split(".{i}.");
    if (inner.empty())
      return {stack, -1, {}, {}};
    auto [word, rest] = inner.split('.');
    return {stack, splitNumber(repeat).second - 1, word, rest};
  }

  /// Each of a repetition's blocks is as many layers, whose leaves would be
  /// called otherwise in a block of their own.
  void findBlocks(const spec::Layers &layers) {
    int64_t block = 0;
    std::map<std::string, int64_t> counts; // of a kind in the block
    for (auto [i, layer] : enumerate(layers))
      weights::forEachLeaf({layer}, [&](const spec::Layer &leaf) {
        auto [stack, run, word, rest] = split(leaf.scope);
        if (run < 0 || run >= int64_t(import.runs.size()))
          return;
        int64_t each = int64_t(layers.size()) / import.runs[run].period;
        if (int64_t(i) / each != block) {
          block = int64_t(i) / each;
          counts.clear();
        }
        std::string kind = splitNumber(word).first.str();
        places[{stack.str(), run, word.str()}] = {
            block, numbered(kind, ++counts[kind])};
      });
  }

  Place placeOf(StringRef name) const {
    auto [stack, run, word, rest] = split(name);
    if (run < 0 || run >= int64_t(import.runs.size()))
      return {name.str(), "{i}"};
    const Run &blocks = import.runs[run];
    auto [block, within] = places.at({stack.str(), run, word.str()});
    Place place;
    place.run = run;
    place.name =
        fmt::format("{}layers.{{i}}.{}.{}", stack.str(), within, rest.str());
    place.index = "{i";
    if (blocks.period != 1)
      place.index += fmt::format("*{}", blocks.period);
    if (blocks.first + block != 0)
      place.index += fmt::format("+{}", blocks.first + block);
    place.index += "}";
    return place;
  }

  /// Rows of the parameter that is `name` in the same block as `place`.
  int64_t rowsOf(const TensorName &name, const Place &place) const {
    for (const spec::Parameter &parameter : parameters) {
      Place other = placeOf(parameter.name);
      if (other.name == name.ours && other.index == place.index)
        return parameter.shape.front();
    }
    return 0;
  }

  spec::WeightSource readSource(StringRef theirs, const Place &place) const {
    spec::WeightSource source;
    std::string text = theirs.str(), fault;
    bool prefixed = text.front() != '/';
    if (!prefixed)
      text.erase(0, 1);
    if (size_t at = text.find("{run}"); at != std::string::npos)
      text.replace(at, 5, std::to_string(place.run));
    spec::readWeightSource(text, source, fault); // the table is well-formed
    if (source.constant)
      return source;
    if (prefixed)
      source.tensor = prefix.str() + source.tensor;
    if (size_t at = source.tensor.find("{i}"); at != std::string::npos)
      source.tensor.replace(at, 3, place.index);
    return source;
  }

  spec::WeightSource sourceOf(const TensorName &name, const Place &place,
                              const spec::Parameter &ours) const {
    spec::WeightSource source = readSource(name.theirs, place);
    if (name.plus)
      source.plus.push_back(readSource(name.plus, place));
    source.transpose |= name.transposed;
    if (name.fused == Fused::Stacked)
      cutStacked(source, name, place, ours);
    else if (name.fused == Fused::Grouped)
      cutGroups(source, name, ours);
    else if (name.fused == Fused::PerHead)
      cutHeads(source, name, place, ours);
    else if (name.flat)
      source.reshape = ours.shape;
    else if (name.skip) {
      source.slices.resize(ours.shape.size());
      source.slices.front().begin = name.skip;
    }
    return source;
  }

  /// Along their dimension of outputs: the last of a transposed matrix.
  void cutStacked(spec::WeightSource &source, const TensorName &name,
                  const Place &place, const spec::Parameter &ours) const {
    int64_t begin = 0;
    for (const TensorName &other : import.names) {
      if (StringRef(other.ours) == name.ours)
        break;
      if (StringRef(other.theirs) == name.theirs)
        begin += rowsOf(other, place);
    }
    source.slices.resize(ours.shape.size());
    spec::WeightSource::Slice &slice =
        name.transposed ? source.slices.back() : source.slices.front();
    slice = {begin, begin + ours.shape.front()};
  }

  void cutGroups(spec::WeightSource &source, const TensorName &name,
                 const spec::Parameter &ours) const {
    const spec::Attention *attention = findAttention(import.spec.layers);
    int64_t queries = attention->heads / attention->kvHeads;
    StringRef part = StringRef(name.ours).rsplit('.').first.rsplit('.').second;
    int64_t begin = part == "query" ? 0 : part == "key" ? queries : queries + 1;
    int64_t count = part == "query" ? queries : 1;
    source.reshape = {attention->kvHeads, queries + 2, attention->headDim};
    source.reshape.insert(source.reshape.end(), ours.shape.begin() + 1,
                          ours.shape.end());
    source.slices.resize(source.reshape.size());
    source.slices[1] = {begin, begin + count};
  }

  int64_t latentHeads() const {
    int64_t heads = 1;
    weights::forEachLeaf(import.spec.layers, [&](const spec::Layer &layer) {
      if (auto *latent = std::get_if<spec::LatentAttention>(&layer.body))
        heads = latent->heads;
    });
    return heads;
  }

  void cutHeads(spec::WeightSource &source, const TensorName &name,
                const Place &place, const spec::Parameter &ours) const {
    int64_t heads = latentHeads(), begin = 0, all = 0;
    for (const TensorName &other : import.names) {
      if (StringRef(other.ours) == name.ours)
        begin = all;
      if (StringRef(other.theirs) == name.theirs)
        all += rowsOf(other, place) / heads;
    }
    source.reshape = {heads, all, ours.shape.back()};
    source.slices.resize(source.reshape.size());
    source.slices[1] = {begin, begin + ours.shape.front() / heads};
  }

  const Import &import;
  StringRef prefix;
  std::vector<spec::Parameter> parameters;
  /// By stack, run and word: the block of a repetition, and the word there.
  std::map<std::tuple<std::string, int64_t, std::string>,
           std::pair<int64_t, std::string>>
      places;
};

} // namespace

std::map<std::string, spec::WeightSource> mapNames(const Import &import,
                                                   StringRef prefix) {
  return NameMap(import, prefix).map();
}

} // namespace importer
