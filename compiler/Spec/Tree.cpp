// Builds the tree on llvm::yaml::Stream, mending the places it gets wrong (flow
// collections, empty values, aliases) and refusing what the subset leaves out.
#include "compiler/Spec/Tree.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/ConvertUTF.h"
#include "llvm/Support/YAMLParser.h"

using namespace llvm;

namespace spec {

const Entry *Node::find(StringRef key) const {
  for (const Entry &entry : entries)
    if (entry.key == key)
      return &entry;
  return nullptr;
}

std::string Node::describe() const {
  switch (kind) {
  case Kind::Nothing:
    return "nothing";
  case Kind::Word:
  case Kind::Text:
    return "'" + (text.size() > 40 ? text.substr(0, 40) + "..." : text) + "'";
  case Kind::List:
    return "a list";
  case Kind::Map:
    return "a map";
  }
  return "";
}

namespace {

/// Places of the buffer's characters.
class Places {
public:
  explicit Places(const SourceMgr &sources)
      : sources(sources),
        text(sources.getMemoryBuffer(sources.getMainFileID())->getBuffer()) {}

  Place of(const char *at) const {
    at = std::clamp(at, text.begin(), text.end());
    auto [line, column] = sources.getLineAndColumn(SMLoc::getFromPointer(at),
                                                   sources.getMainFileID());
    return {line, column};
  }

  /// Where a node starts; after an error it may have no place.
  StringRef from(yaml::Node &node) const {
    const char *start = node.getSourceRange().Start.getPointer();
    if (start < text.begin() || start > text.end())
      start = text.end();
    return StringRef(start, text.end() - start);
  }
  Place of(yaml::Node &node) const { return of(from(node).begin()); }

  const SourceMgr &sources;
  StringRef text;
};

/// What the YAML scanner cannot be trusted with is looked for in the text.
class TextCheck {
public:
  TextCheck(const Places &places, Diagnostics &diagnostics)
      : places(places), diagnostics(diagnostics), text(places.text) {}

  bool run() { return size() && encoding() && characters() && tabs(); }

private:
  bool fail(const char *at, const Twine &message) {
    diagnostics.error(places.of(at), message);
    return false;
  }

  bool size() {
    if (text.size() <= mostBytes)
      return true;
    // Not at a place: finding one goes through the whole file.
    diagnostics.error({}, "the file has " + Twine(text.size()) +
                              " bytes; a spec has at most " + Twine(mostBytes));
    return false;
  }

  bool encoding() {
    const auto *at = text.bytes_begin(), *end = text.bytes_end();
    while (at != end) {
      unsigned length = getNumBytesForUTF8(*at);
      if (length > size_t(end - at) || !isLegalUTF8Sequence(at, at + length))
        return fail(reinterpret_cast<const char *>(at),
                    "byte 0x" + utohexstr(*at, /*LowerCase=*/true) +
                        " is not UTF-8");
      at += length;
    }
    return true;
  }

  bool characters() {
    for (const char &c : text)
      if (((unsigned char)c < 0x20 && c != '\t' && c != '\n' && c != '\r') ||
          c == 0x7f)
        return fail(&c, "control character 0x" +
                            utohexstr((unsigned char)c, true) + " in the text");
    return true;
  }

  bool tabs() {
    bool good = true;
    for (StringRef rest = text; !rest.empty();) {
      auto [line, next] = rest.split('\n');
      StringRef margin =
          line.take_while([](char c) { return c == ' ' || c == '\t'; });
      size_t tab = margin.find('\t');
      if (tab != StringRef::npos)
        good = fail(line.begin() + tab, "tab in the indentation; use spaces");
      rest = next;
    }
    return good;
  }

  const Places &places;
  Diagnostics &diagnostics;
  StringRef text;
};

class TreeBuilder {
public:
  TreeBuilder(const Places &places, Diagnostics &diagnostics)
      : places(places), diagnostics(diagnostics) {}

  /// False when the rest of the stream must not be looked at. `fallback` is the
  /// place of what the stream has none for.
  bool build(yaml::Node &from, Node &to, Place fallback, unsigned depth) {
    if (!plain(from))
      return false;
    if (isa<yaml::BlockScalarNode>(from)) {
      diagnostics.error(fallback, "block scalars are not part of the language");
      return false;
    }
    if (depth > mostDepth)
      return fail(from, "lists and maps are nested more than " +
                            Twine(mostDepth) + " deep");
    to.place = places.of(from);
    if (auto *scalar = dyn_cast<yaml::ScalarNode>(&from))
      return buildScalar(*scalar, to);
    if (auto *list = dyn_cast<yaml::SequenceNode>(&from))
      return buildList(*list, to, depth);
    if (auto *map = dyn_cast<yaml::MappingNode>(&from))
      return buildMap(*map, to, depth);
    to.kind = Node::Kind::Nothing;
    to.place = fallback;
    return true;
  }

private:
  bool fail(yaml::Node &node, const Twine &message) {
    return fail(places.from(node).begin(), message);
  }
  bool fail(const char *at, const Twine &message) {
    diagnostics.error(places.of(at), message);
    return false;
  }

  /// The names of anchors and aliases lie in the text, right behind the mark.
  bool plain(yaml::Node &node) {
    if (auto *alias = dyn_cast<yaml::AliasNode>(&node))
      return fail(alias->getName().data() - 1,
                  "aliases are not part of the language; repeat the value or "
                  "use 'define'");
    if (!node.getAnchor().empty())
      return fail(node.getAnchor().data() - 1,
                  "anchors are not part of the language; use 'define'");
    if (!node.getRawTag().empty())
      return fail(node.getRawTag().data(), "tags are not part of the language");
    return true;
  }

  bool buildScalar(yaml::ScalarNode &from, Node &to) {
    SmallString<64> storage;
    StringRef raw = from.getRawValue();
    bool quoted = raw.starts_with("\"") || raw.starts_with("'");
    to.kind = quoted ? Node::Kind::Text : Node::Kind::Word;
    to.text = from.getValue(storage).str();
    return true;
  }

  /// A flow collection's start as the stream tells it is the token after the
  /// bracket; a block collection has no bracket before it.
  Place openingPlace(yaml::Node &node, char bracket) {
    const char *start = places.from(node).begin();
    StringRef before(places.text.begin(), start - places.text.begin());
    StringRef trimmed = before.rtrim();
    return places.of(
        trimmed.ends_with(StringRef(&bracket, 1)) ? trimmed.end() - 1 : start);
  }

  bool buildList(yaml::SequenceNode &from, Node &to, unsigned depth) {
    to.kind = Node::Kind::List;
    to.place = openingPlace(from, '[');
    for (yaml::Node &item : from) {
      Node &child = to.items.emplace_back();
      if (!build(item, child, to.place, depth + 1))
        return false;
      // The stream takes the items after an empty one for its list.
      if (child.kind == Node::Kind::List &&
          places.from(item).starts_with("-") &&
          child.place.column == to.place.column)
        return fail(item, "the item before this one is empty");
    }
    return true;
  }

  bool buildMap(yaml::MappingNode &from, Node &to, unsigned depth) {
    to.kind = Node::Kind::Map;
    to.place = openingPlace(from, '{');
    StringMap<Place> seen;
    for (yaml::KeyValueNode &pair : from) {
      yaml::Node *keyNode = pair.getKey();
      if (!keyNode || !plain(*keyNode))
        return false;
      auto *key = dyn_cast<yaml::ScalarNode>(keyNode);
      if (!key)
        return fail(*keyNode, "a key must be a word");
      Entry &entry = to.entries.emplace_back();
      Node keyText;
      buildScalar(*key, keyText);
      entry.key = keyText.text;
      entry.place = places.of(*key);
      if (entry.key == "<<")
        return fail(*key, "merge keys are not part of the language");
      auto [first, isNew] = seen.try_emplace(entry.key, entry.place);
      if (!isNew)
        diagnostics.error(entry.place, "'" + entry.key +
                                           "' is said twice; first in line " +
                                           Twine(first->second.line));
      yaml::Node *value = pair.getValue();
      if (!value || !build(*value, entry.value, entry.place, depth + 1))
        return false;
    }
    return true;
  }

  const Places &places;
  Diagnostics &diagnostics;
};

/// The stream reports to a source manager of its own; its messages are taken
/// over from there.
struct StreamErrors {
  const Places &places;
  Diagnostics &diagnostics;

  static void take(const SMDiagnostic &error, void *self) {
    auto &errors = *static_cast<StreamErrors *>(self);
    std::string message = error.getMessage().str();
    if (!message.empty())
      message[0] = toLower(message[0]);
    message = StringRef(message).rtrim(".!").str();
    errors.diagnostics.error(errors.places.of(error.getLoc().getPointer()),
                             "not YAML: " + message);
  }
};

} // namespace

std::optional<Node> readTree(const SourceMgr &sources,
                             Diagnostics &diagnostics) {
  Places places(sources);
  if (!TextCheck(places, diagnostics).run())
    return std::nullopt;

  size_t before = diagnostics.count();
  SourceMgr streamSources;
  StreamErrors errors{places, diagnostics};
  streamSources.setDiagHandler(StreamErrors::take, &errors);
  yaml::Stream stream(MemoryBufferRef(places.text, "spec"), streamSources);

  Node root;
  auto document = stream.begin();
  if (document != stream.end()) {
    yaml::Node *node = document->getRoot();
    TreeBuilder builder(places, diagnostics);
    if (!node || !builder.build(*node, root, {1, 1}, 0) || stream.failed()) {
      if (diagnostics.count() == before)
        diagnostics.error({1, 1}, "not YAML");
      return std::nullopt;
    }
    if (++document != stream.end() && !stream.failed()) {
      if (yaml::Node *second = document->getRoot())
        diagnostics.error(places.of(*second), "a spec is one document");
    }
  }
  if (root.kind == Node::Kind::Nothing && diagnostics.count() == before)
    diagnostics.error({1, 1}, "the spec is empty");
  if (diagnostics.count() != before)
    return std::nullopt;
  return root;
}

} // namespace spec
