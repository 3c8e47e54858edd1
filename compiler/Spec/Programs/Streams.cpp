// The streams themselves, and where they begin and end: `embed` and `logits`.
#include "compiler/Spec/Programs/Streams.h"
#include "compiler/Spec/Programs/Derive.h"
#include "compiler/Spec/Values.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace spec {

bool Streams::isLayer(StringRef name) {
  return name == "select" || name == "map" || name == "embed" ||
         name == "logits";
}

void Streams::read(const Node &node, const std::vector<std::string> &words,
                   Spec &spec) {
  place = node.place;
  context = spec.context;
  vocab = spec.vocab;
  if (node.kind != Node::Kind::Map || node.entries.empty())
    return (void)ValueReader(diagnostics)
        .mistaken("streams", "a map from names to their values", node);
  for (const Entry &entry : node.entries)
    readStream(entry, words, spec);
  if (dim > mostSize)
    diagnostics.error(place, "the streams have more than " + Twine(mostSize) +
                                 " columns");
  else if (spec.dim && spec.dim != dim)
    diagnostics.error(spec.fields["dim"], "'dim' is " + Twine(spec.dim) +
                                              ", the streams have " +
                                              Twine(dim) + " columns");
  spec.dim = dim;
}

/// `vocab`, `context` (0 to context, for positions and counts), a number, a
/// list of words, or `real`.
void Streams::readStream(const Entry &entry,
                         const std::vector<std::string> &words,
                         const Spec &spec) {
  ValueReader values(diagnostics);
  const Node &node = entry.value;
  Stream &stream = streams.emplace_back();
  stream.name = entry.key;
  stream.place = entry.place;
  stream.column = dim;
  if (!isName(entry.key) || entry.key == "key" || entry.key == "query")
    diagnostics.error(entry.place,
                      "'" + entry.key + "' is no name of a stream");
  if (node.kind == Node::Kind::List) {
    readWords(node, stream);
  } else if (node.text == "vocab" || node.text == "context") {
    bool isVocab = node.text == "vocab";
    if (!(isVocab ? spec.vocab : spec.context))
      diagnostics.error(node.place, "the spec has no '" + node.text + "'");
    stream.size = isVocab ? spec.vocab : spec.context + 1;
    if (isVocab)
      stream.words = words;
  } else if (node.text != "real") {
    values.size(entry.key, node, stream.size);
  }
  dim += stream.width();
}

void Streams::readWords(const Node &node, Stream &stream) {
  for (const Node &item : node.items)
    if (!item.isScalar())
      ValueReader(diagnostics).mistaken(stream.name, "a list of words", item);
    else if (is_contained(stream.words, item.text))
      diagnostics.error(item.place, "'" + item.text + "' is said twice");
    else
      stream.words.push_back(item.text);
  if (node.items.empty())
    ValueReader(diagnostics).mistaken(stream.name, "a list of words", node);
  stream.size = std::max<int64_t>(stream.words.size(), 1);
}

const Stream *Streams::named(StringRef name) const {
  auto found = find_if(streams, [&](auto &s) { return s.name == name; });
  return found == streams.end() ? nullptr : &*found;
}

Stream *Streams::find(StringRef name, Place at) {
  SmallVector<StringRef> known;
  for (Stream &stream : streams) {
    if (stream.name == name)
      return &stream;
    known.push_back(stream.name);
  }
  diagnostics.error(at, "no stream is named '" + name + "'" +
                            didYouMean(name, known));
  return nullptr;
}

Stream *Streams::findSource(StringRef name, Place at) {
  Stream *stream = find(name, at);
  if (!stream || stream->written)
    return stream;
  diagnostics.error(at, "nothing has written '" + name + "' yet");
  return nullptr;
}

/// Each stream is written once: the layers add to what is there, which is 0.
Stream *Streams::findTarget(StringRef name, Place at) {
  Stream *stream = find(name, at);
  if (!stream || !stream->written) {
    if (stream)
      stream->written = true;
    return stream;
  }
  diagnostics.error(at, "'" + name + "' is written twice");
  return nullptr;
}

void Streams::reportUnused() {
  for (const Stream &stream : streams)
    if (!stream.written)
      diagnostics.error(stream.place,
                        "nothing writes the stream '" + stream.name + "'");
}

void Streams::readLayer(const Entry &entry, Layers &to) {
  if (entry.value.kind != Node::Kind::Map)
    return (void)ValueReader(diagnostics)
        .mistaken(entry.key, "a map of fields", entry.value);
  if (entry.key == "embed")
    readEmbed(entry, to);
  else if (entry.key == "select")
    readSelect(entry, to);
  else if (entry.key == "map")
    readMap(entry, to);
  else
    readLogits(entry, to);
}

/// One-hot rows of a table into the columns of a stream.
static ValuesPointer oneHot(const Stream &stream, int64_t rows) {
  ValuesBuilder table;
  for (int64_t row = 0; row < rows; ++row)
    table.set(row, stream.column + row, 1);
  return table.take();
}

void Streams::readEmbed(const Entry &entry, Layers &to) {
  const Entry *token = nullptr, *position = nullptr;
  for (const Entry &field : entry.value.entries) {
    if (field.key == "token")
      token = &field;
    else if (field.key == "position")
      position = &field;
    else
      diagnostics.error(field.place,
                        "unknown field '" + field.key +
                            "' of 'embed'; with streams it takes 'token' and "
                            "'position'");
  }
  if (!token)
    return diagnostics.error(entry.place, "'embed' needs 'token', the stream "
                                          "of the tokens");
  Sequence sequence;
  auto add = [&](const Entry &field, int64_t rows, LayerBody body) -> Stream * {
    Stream *stream = findTarget(field.value.text, field.value.place);
    if (!stream)
      return nullptr;
    Layer &layer = sequence.layers.emplace_back();
    layer.place = field.place;
    layer.body = std::move(body);
    layer.values["weight"] = oneHot(*stream, rows);
    return stream;
  };
  if (Stream *stream = add(*token, vocab, Embed()))
    if (stream->size != vocab)
      diagnostics.error(token->value.place,
                        "'" + stream->name + "' is no stream of the 'vocab'");
  if (position)
    if (Stream *stream = add(*position, context, Position())) {
      stream->isPosition = true;
      if (stream->size < context)
        diagnostics.error(position->value.place,
                          "'" + stream->name + "' has " + Twine(stream->size) +
                              " values, not " + Twine(context));
    }
  Layer &layer = to.emplace_back();
  layer.place = entry.place;
  layer.body = std::move(sequence);
}

void Streams::readLogits(const Entry &entry, Layers &to) {
  const Entry *from = entry.value.find("from");
  if (!from || entry.value.entries.size() != 1)
    return diagnostics.error(entry.place, "with streams 'logits' takes "
                                          "'from', the stream whose values "
                                          "come out");
  const Stream *stream = findSource(from->value.text, from->value.place);
  if (!stream)
    return;
  DerivedLinear last;
  last.to = stream->width();
  for (int64_t i = 0; i < last.to; ++i)
    last.weight.set(i, stream->column + i, 1);
  to.push_back(last.make(entry.place));
}

} // namespace spec
