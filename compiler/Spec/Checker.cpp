// Walks the layers in order with the width of the rows, as the model computes.
#include "compiler/Spec/Checker.h"
#include "compiler/Spec/Numbers.h"
#include "compiler/Spec/Parser.h"
#include "compiler/Spec/Values.h"
#include "compiler/Spec/WeightValues.h"

#include "llvm/Support/SaveAndRestore.h"

using namespace llvm;

namespace spec {

namespace {

/// For specs that were not read from a file: the reader checks what it reads.
class RangeChecker final : public FieldVisitor {
public:
  explicit RangeChecker(LeafCheck &at) : at(at) {}

  void size(const Field &field, int64_t &value) override {
    if (value)
      report(field, sizeFault(value), Twine(value));
  }
  void size(const Field &field, std::optional<int64_t> &value) override {
    if (value)
      report(field, sizeFault(*value), Twine(*value));
  }
  void real(const Field &field, double &value, Reals range,
            double idle) override {
    if (value != idle)
      report(field, realFault(value, range), writeReal(value));
  }
  void real(const Field &field, std::optional<double> &value) override {
    if (value)
      report(field, realFault(*value, Reals::Positive), writeReal(*value));
  }
  void flag(const Field &, bool &, std::optional<bool>) override {}
  void choice(const Field &field, unsigned &index, Words words) override {
    if (index >= words.size())
      report(field, "takes " + listWords(words, "or"), "this");
  }
  void choice(const Field &field, std::optional<unsigned> &index,
              Words words) override {
    if (index)
      choice(field, *index, words);
  }
  void variant(const Field &field, unsigned &index, Words words,
               InnerFields fields) override {
    choice(field, index, words);
    fields(index, *this);
  }
  void inner(const Field &, Fields fields) override { fields(*this); }
  void sizes(const Field &field, ArrayRef<int64_t *> values) override {
    for (int64_t *value : values)
      size(field, *value);
  }
  void reals(const Field &field, std::vector<double> &values) override {
    for (double value : values)
      report(field, realFault(value, Reals::Positive), writeReal(value));
  }
  void parts(const Field &, ArrayRef<Part>) override {}
  void some(const Field &, ArrayRef<Part>) override {}

  bool good = true;

private:
  void report(const Field &field, const std::string &fault,
              const Twine &value) {
    if (fault.empty())
      return;
    at.error(field.name, "'" + field.name + "' " + fault + ", not " + value);
    good = false;
  }

  LeafCheck &at;
};

} // namespace

std::string nestedTooDeep() {
  return "layers are nested more than " + std::to_string(mostNesting) + " deep";
}

bool Checker::isBroken(Place place) const {
  return broken.count({place.line, place.column});
}

Place Checker::place(StringRef field) const {
  auto found = spec.fields.find(field.str());
  return found == spec.fields.end() ? Place() : found->second;
}

/// Layers that come from no file are told by their scopes.
void Checker::error(const Layer &layer, const Twine &message) {
  if (layer.place.line || layer.scope.empty())
    sink(layer.place, message);
  else
    sink(layer.place, layer.scope + ": " + message);
}

void Checker::run() {
  checkModel();
  assignScopes(spec, sink);
  bool translates = spec.translates() || place("encoder").line;
  if (translates) {
    checkSource();
    checkStack(spec.encoder, "encoder");
    checkEncoder();
  } else if (place("source").line) {
    sink(place("source"), "'source' is for models with an 'encoder'");
  }
  stack = Stack();
  stack.decodes = translates;
  spec.input = InputKind::Tokens;
  checkStack(spec.layers, translates ? "decoder" : "layers");
  if (translates)
    checkDecoder();
  checkWhole();
}

void Checker::checkStack(Layers &layers, StringRef key) {
  stack.width = spec.dim;
  bool encodes = key == "encoder";
  stack.context = encodes ? spec.source.context : spec.context;
  stack.incomplete = isBroken(place(key));
  stack.started = stack.incomplete;
  if (layers.empty() && !stack.incomplete)
    sink(place(key), "the " + (key == "layers" ? StringRef("model") : key) +
                         " has no layers");
  checkLayers(layers, false);
  std::vector<int64_t> &stages = encodes ? spec.source.stages : spec.stages;
  stages = stack.stages;
  if (!stages.empty())
    stages.push_back(spec.input == InputKind::Image ? stack.rows
                                                    : stack.context);
}

/// Whether the first leaf of a list is of that kind.
template <class Leaf> static bool beginsWith(const Layers &layers) {
  if (layers.empty())
    return false;
  const LayerBody &first = layers.front().body;
  if (auto *sequence = std::get_if<Sequence>(&first))
    return beginsWith<Leaf>(sequence->layers);
  return std::holds_alternative<Leaf>(first);
}

/// Sizes of the source are the decoder's where nothing else is said; the rows
/// of an image, and those of queries, are their own.
void Checker::checkSource() {
  Source &source = spec.source;
  if (!source.context && !beginsWith<Patch>(spec.encoder) &&
      !beginsWith<Queries>(spec.layers))
    source.context = spec.context;
  if (!source.vocab)
    source.vocab = spec.vocab;
  for (auto [name, token] :
       {std::pair("start", source.start), std::pair("end", source.end)})
    if (token && spec.vocab && (*token < 0 || *token >= spec.vocab))
      sink(place(std::string("source.") + name),
           "token " + Twine(*token) + " is outside the vocabulary of " +
               Twine(spec.vocab) + said(place("vocab")));
}

void Checker::checkEncoder() {
  spec.sourceDim = stack.width;
  if (stack.prefix)
    sink(place("encoder"), "'mask: prefix' in the encoder: its rows are "
                           "computed whole, say 'mask: none'");
  spec.sourceInput = spec.input;
  sourceEmbeds = stack.embed;
  if (spec.input == InputKind::Image && stack.rows && !stack.incomplete)
    checkImageContext(spec.source.context, "source.context", "encoder");
  else if (spec.input != InputKind::Image && stack.prepend && !stack.incomplete)
    error(*stack.prepend, "'prepend' in an encoder of other than images is not "
                          "supported yet");
  if (stack.parted)
    sink(place("encoder"), "'outputs' in the encoder: the decoder reads its "
                           "rows, parts are for the decoder");
  if (stack.pooled)
    sink(place("encoder"), "'pool' in the encoder: the decoder sees all of its "
                           "rows");
  if (stack.scored)
    sink(place("encoder"), "'logits' in the encoder: the decoder reads its "
                           "rows, scores are for the decoder");
}

void Checker::checkDecoder() {
  if (stack.prefix)
    sink(place("decoder"), "'mask: prefix' in a decoder is not supported yet");
  if (stack.pooled)
    sink(place("decoder"), "'pool' in a decoder is not supported yet");
  if (spec.input != InputKind::Tokens && spec.input != InputKind::Queries)
    sink(place("decoder"), "the decoder must begin with 'embed' or 'queries'");
  if (!stack.crosses && !stack.incomplete && !spec.layers.empty())
    sink(place("decoder"), "the decoder has no 'cross_attention': nothing "
                           "reads the encoder's rows");
}

void Checker::checkModel() {
  // What was said wrongly has been reported by the reader.
  if (!isName(spec.model) && !place("model").line)
    sink(place("model"), "a spec needs 'model', its name: letters, digits and "
                         "underscores, a letter first");
  if (!spec.dim && !place("dim").line && !place("streams").line)
    sink(place("dim"), "a spec needs 'dim', the width of its rows");
  auto inRange = [&](StringRef name, int64_t value) {
    std::string fault = sizeFault(value);
    if (value && !fault.empty())
      sink(place(name), "'" + name + "' " + fault + ", not " + Twine(value));
  };
  inRange("dim", spec.dim);
  inRange("context", spec.context);
  inRange("vocab", spec.vocab);
  inRange("context", spec.source.context);
  inRange("vocab", spec.source.vocab);
}

void Checker::checkLayers(Layers &layers, bool nested) {
  for (Layer &layer : layers)
    checkLayer(layer, nested);
}

void Checker::checkLayer(Layer &layer, bool nested) {
  layer.dimIn = stack.width;
  if (const Leaf *leaf = leafOf(layer.body))
    checkLeaf(*leaf, layer, nested);
  else if (auto *residual = std::get_if<Residual>(&layer.body))
    checkInside(layer, *residual, nested);
  else if (auto *parallel = std::get_if<Parallel>(&layer.body))
    checkInside(layer, *parallel, nested);
  else if (auto *outputs = std::get_if<Outputs>(&layer.body))
    checkInside(layer, *outputs, nested);
  else if (auto *exit = std::get_if<Exit>(&layer.body))
    checkInside(layer, *exit, nested);
  else if (auto *sequence = std::get_if<Sequence>(&layer.body))
    checkInside(layer, *sequence, nested);
  else if (auto *repeat = std::get_if<Repeat>(&layer.body))
    checkInside(layer, *repeat, nested);
  layer.dimOut = stack.width;
}

/// Whether the layer makes rows of the model's input.
static bool isInput(const Layer &layer) {
  return std::holds_alternative<Embed>(layer.body) ||
         std::holds_alternative<Patch>(layer.body) ||
         std::holds_alternative<Rows>(layer.body) ||
         std::holds_alternative<Queries>(layer.body);
}

/// What later layers ask about a leaf that had an error.
void Checker::skipLeaf(Layer &layer) {
  if (std::holds_alternative<Patch>(layer.body))
    spec.input = InputKind::Image;
  if (std::holds_alternative<Rows>(layer.body))
    spec.input = InputKind::Rows;
  if (std::holds_alternative<Queries>(layer.body))
    spec.input = InputKind::Queries;
  if (std::holds_alternative<Embed>(layer.body))
    stack.embed = &layer;
  stack.pooled |= std::holds_alternative<Pool>(layer.body);
  stack.scored |= std::holds_alternative<Logits>(layer.body);
  stack.crosses |= std::holds_alternative<CrossAttention>(layer.body);
  stack.incomplete |= std::holds_alternative<Patch>(layer.body) ||
                      std::holds_alternative<Prepend>(layer.body) ||
                      std::holds_alternative<Conv>(layer.body) ||
                      std::holds_alternative<Merge>(layer.body);
  if (isInput(layer))
    layer.dimOut = spec.dim;
  if (auto *linear = std::get_if<Linear>(&layer.body))
    layer.dimOut = linear->to;
  if (auto *conv = std::get_if<Conv>(&layer.body))
    layer.dimOut = conv->to;
  if (std::holds_alternative<Merge>(layer.body))
    layer.dimOut = 0;
}

/// The word of a layer that ties rows of the caller's, or of another number, to
/// a step that sequences may not leave yet; "" of others.
static StringRef tieOf(const Layer &layer) {
  bool taps = std::visit(
      [](const auto &body) {
        if constexpr (requires { body.taps; })
          return bool(body.taps);
        return false;
      },
      layer.body);
  if (taps || std::holds_alternative<Tap>(layer.body))
    return "tap";
  auto *attention = std::get_if<Attention>(&layer.body);
  if (attention && attention->reduce)
    return "reduce";
  auto *conv = std::get_if<Conv>(&layer.body);
  if (conv && !conv->window.keeps())
    return "conv";
  return std::holds_alternative<Merge>(layer.body) ? "merge" : "";
}

/// What the scores of an exit are made by: a pool, and what works on its row.
static bool makesScores(const Layer &layer) {
  return std::holds_alternative<Pool>(layer.body) ||
         std::holds_alternative<Norm>(layer.body) ||
         std::holds_alternative<Linear>(layer.body) ||
         std::holds_alternative<Mlp>(layer.body) ||
         std::holds_alternative<Scale>(layer.body) ||
         std::holds_alternative<Softcap>(layer.body);
}

void Checker::checkLeaf(const Leaf &leaf, Layer &layer, bool nested) {
  if (exiting && !makesScores(layer))
    return error(layer, "'" + leaf.name +
                            "' in an 'exit', whose scores 'pool', 'norm', "
                            "'linear', 'mlp', 'scale' and 'softcap' make");
  if (!tied && !tieOf(layer).empty())
    tied = &layer;
  if (!stack.started && !isInput(layer))
    error(layer, "the first layer must be 'embed' (tokens), 'patch' (an image) "
                 "or 'rows' (real vectors), not '" +
                     leaf.name + "'");
  if (stack.scored || stack.parted)
    error(layer, "'" + leaf.name + "' after '" +
                     (stack.scored ? "logits" : "outputs") +
                     "', which must be the last layer");
  LeafCheck::ErrorSink leafSink = [&](Place place, const Twine &message) {
    if (place.line)
      sink(place, message);
    else
      error(layer, message);
  };
  LeafCheck at(spec, layer, stack, nested, leafSink);
  RangeChecker ranges(at);
  leaf.visit(layer.body, ranges);
  layer.dimOut = layer.dimIn;
  layer.stage = stack.stages.size();
  layer.grid = stack.grid;
  if (isBroken(layer.place))
    skipLeaf(layer);
  else if (ranges.good) {
    leaf.check(at);
    checkValues(leaf, layer);
  }
  stack.started = true;
  stack.width = layer.dimOut;
}

/// Values that the spec says against the leaf's parameters.
void Checker::checkValues(const Leaf &leaf, Layer &layer) {
  if (layer.values.empty() || !layer.dimIn)
    return;
  WeightList weights = leaf.weights(layer, spec);
  SmallVector<StringRef> names;
  for (const LeafWeight &weight : weights)
    names.push_back(weight.name);
  for (const auto &[name, values] : layer.values) {
    auto report = [&](const Twine &message) {
      if (values->place.line)
        sink(values->place, message);
      else
        error(layer, message);
    };
    auto found = find_if(weights, [&](auto &w) { return w.name == name; });
    if (found == weights.end()) {
      report("'" + leaf.name + "' has no weight '" + name + "'" +
             didYouMean(name, names));
      continue;
    }
    const std::vector<int64_t> &shape = found->shape;
    if (std::string fault = valuesFault(*values, shape); !fault.empty())
      report("'" + name + "' " + fault);
  }
}

void Checker::keepWidth(const Layer &layer, StringRef what) {
  if (layer.dimIn && stack.width && layer.dimIn != stack.width)
    error(layer, what + " takes rows of width " + Twine(layer.dimIn) +
                     " and must keep it, not make it " + Twine(stack.width));
  stack.width = layer.dimIn;
}

void Checker::refuseEmpty(const Layer &layer, StringRef what,
                          const Layers &layers) {
  if (layers.empty() && !isBroken(layer.place))
    error(layer, what + " has no layers");
}

void Checker::checkInside(Layer &layer, Residual &residual, bool) {
  refuseEmpty(layer, "'residual'", residual.layers);
  SaveAndRestore<StringRef> in(inside, "residual");
  checkLayers(residual.layers, true);
  keepWidth(layer, "'residual'");
}

void Checker::checkInside(Layer &layer, Parallel &parallel, bool) {
  refuseEmpty(layer, "'parallel'", parallel.branches);
  SaveAndRestore<StringRef> in(inside, "parallel");
  int64_t width = 0;
  for (Layer &branch : parallel.branches) {
    stack.width = layer.dimIn;
    checkLayer(branch, true);
    if (width && branch.dimOut && width != branch.dimOut)
      error(branch,
            "the branches of 'parallel' make rows of different widths, " +
                Twine(width) + " and " + Twine(branch.dimOut));
    if (!width)
      width = branch.dimOut;
  }
  stack.width = width;
}

void Checker::checkInside(Layer &layer, Outputs &outputs, bool nested) {
  refuseEmpty(layer, "'outputs'", outputs.branches);
  if (nested)
    error(layer, "'outputs' must be the last layer of the model's own list of "
                 "layers");
  if (stack.scored || stack.parted)
    error(layer, Twine("'outputs' after '") +
                     (stack.scored ? "logits" : "outputs") +
                     "', which must be the last layer");
  SaveAndRestore<StringRef> in(inside, "outputs");
  spec.parts.clear();
  int64_t width = 0;
  for (auto [name, branch] : zip_equal(outputs.names, outputs.branches)) {
    stack.width = layer.dimIn;
    checkLayer(branch, true);
    for (const OutputPart &part : spec.parts)
      if (StringRef(part.name).equals_insensitive(name))
        error(branch, "two outputs are named '" + name + "'");
    spec.parts.push_back({name, width, branch.dimOut});
    width += branch.dimOut;
  }
  if (std::string fault = sizeFault(width); width && !fault.empty())
    error(layer, "the width of all outputs " + fault + ", not " + Twine(width));
  stack.width = width;
  stack.parted = true;
}

/// Its layers see the rows, and leave them as they are to what follows.
void Checker::checkInside(Layer &layer, Exit &exit, bool) {
  refuseEmpty(layer, "'exit'", exit.layers);
  if (exit.above && !isProbability(*exit.above))
    error(layer, "'above' must be from 0 to 1, not " + writeReal(*exit.above));
  if (!inside.empty())
    return error(layer, "'exit' in '" + inside +
                            "': it must stand in the model's own list of "
                            "layers, or in 'repeat'");
  if (spec.translates())
    return error(layer, "'exit' in an encoder-decoder is not supported yet");
  if (stack.pooled)
    return error(layer, "'exit' after 'pool': there is nothing left to skip");
  Stack before = stack;
  {
    SaveAndRestore<StringRef> in(inside, "exit");
    SaveAndRestore<bool> scores(exiting, true);
    checkLayers(exit.layers, false);
  }
  if (!stack.pooled && !exit.layers.empty() && !isBroken(layer.place))
    error(layer, "'exit' has no 'pool': its scores are one row a sequence");
  exits.push_back({&layer, stack.pooled ? stack.width : 0});
  stack = std::move(before);
  if (!stack.exit)
    stack.exit = &layer;
}

void Checker::checkInside(Layer &layer, Sequence &sequence, bool nested) {
  refuseEmpty(layer,
              sequence.name.empty() ? "the branch" : "'" + sequence.name + "'",
              sequence.layers);
  checkLayers(sequence.layers, nested);
}

void Checker::checkInside(Layer &layer, Repeat &repeat, bool) {
  std::string fault = sizeFault(repeat.count);
  if (!fault.empty() && !isBroken(layer.place))
    error(layer, "'repeat' " + fault + ", not " + Twine(repeat.count));
  refuseEmpty(layer, "'repeat'", repeat.layers);
  checkLayers(repeat.layers, true);
  keepWidth(layer, "'repeat'");
}

void Checker::checkExits() {
  for (auto [layer, width] : exits) {
    if (stack.incomplete)
      return;
    if (stack.parted)
      error(*layer, "'exit' in a model with 'outputs' is not supported yet");
    else if (!stack.pooled)
      error(*layer,
            "'exit' needs a model with 'pool': its scores stand for all "
            "that comes out of a sequence, one row");
    else if (width && spec.outputDim && width != spec.outputDim)
      error(*layer, "'exit' makes scores of width " + Twine(width) +
                        ", the model's output has " + Twine(spec.outputDim));
  }
  if (tied && !exits.empty())
    error(*tied, "'" + tieOf(*tied) + "' in a model with 'exit'" +
                     said(exits.front().first->place) +
                     " is not supported yet");
}

void Checker::checkWhole() {
  spec.outputDim = stack.width;
  spec.causal = spec.input != InputKind::Image &&
                spec.input != InputKind::Queries && !stack.seesLater &&
                !stack.pooled;
  spec.prefix = spec.causal && stack.prefix;
  if (stack.prefix && !spec.causal && !stack.decodes && !stack.incomplete)
    sink(place("layers"), "'mask: prefix' is for models of tokens or rows "
                          "without 'mask: none' and 'pool'");
  if (spec.input == InputKind::Image && stack.rows && !stack.incomplete)
    checkImageContext(spec.context, "context", "layers");
  if (spec.causal && stack.prepend && !stack.incomplete)
    error(*stack.prepend,
          "'prepend' in a model that is causal throughout is not supported "
          "yet");
  checkExits();
  if (spec.vocab && !stack.embed && !sourceEmbeds && !stack.scored &&
      !stack.incomplete)
    sink(place("vocab"), "no layer uses 'vocab'");
}

void Checker::checkImageContext(int64_t &context, StringRef said,
                                StringRef list) {
  int64_t rows = stack.stages.empty() ? stack.rows : stack.stages.front();
  if (context && context != rows)
    return sink(place(said), "the context is said to be " + Twine(context) +
                                 ", the image makes " + Twine(rows) +
                                 " rows, prepended ones included");
  context = rows;
  if (std::string fault = sizeFault(context); !fault.empty())
    sink(place(list),
         "the rows of an image " + fault + ", not " + Twine(context));
}

/// Products of sizes fit nothing by themselves: the whole model must stay
/// countable.
static void checkCount(const Spec &spec, const LeafCheck::ErrorSink &sink) {
  constexpr int64_t most = int64_t(1) << 48;
  double total = 0;
  for (const Parameter &parameter : listParameters(spec)) {
    double count = 1;
    for (int64_t size : parameter.shape)
      count *= double(size);
    for (int64_t size : parameter.repeats)
      count *= double(size);
    total += count;
    if (total > double(most))
      return sink(parameter.place, "with '" + parameter.name +
                                       "' the model has more than 2^48 "
                                       "parameters");
  }
}

void checkSpec(Spec &spec, const LeafCheck::ErrorSink &sink,
               const BrokenPlaces &broken) {
  bool good = broken.empty();
  LeafCheck::ErrorSink counting = [&](Place place, const Twine &message) {
    good = false;
    sink(place, message);
  };
  Checker(spec, counting, broken).run();
  if (good)
    checkCount(spec, counting);
  if (!good)
    return;
  tidySequences(spec);
  checkWeightNames(spec, sink);
}

bool checkSpec(Spec &spec, const Report &report) {
  bool good = true;
  LeafCheck::ErrorSink sink = [&](Place place, const Twine &message) {
    good = false;
    report(place, message.str());
  };
  checkSpec(spec, sink, {});
  return good;
}

} // namespace spec
