// The reading visitor.
#include "compiler/Spec/FieldReader.h"
#include "compiler/Spec/Leaf.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVectorExtras.h"

using namespace llvm;

namespace spec {

static const Entry *findEntry(ArrayRef<Entry> entries, StringRef name) {
  for (const Entry &entry : entries)
    if (entry.key == name)
      return &entry;
  return nullptr;
}

const Node *FieldReader::find(StringRef name) {
  known.push_back(name);
  const Entry *entry = findEntry(own, name);
  if (!entry && defaults)
    entry = findEntry(defaults->entries, name);
  if (!entry)
    return nullptr;
  places[prefix + name.str()] = entry->place;
  return &entry->value;
}

void FieldReader::size(const Field &field, int64_t &value) {
  if (const Node *node = find(field.name))
    values.size(field.name, *node, value);
}

void FieldReader::size(const Field &field, std::optional<int64_t> &value) {
  const Node *node = find(field.name);
  int64_t size;
  if (!node || node->text == "none")
    return;
  if (values.size(field.name, *node, size))
    value = size;
}

void FieldReader::count(const Field &field, int64_t &value) {
  const Node *node = find(field.name);
  if (node && node->text == "0")
    value = 0;
  else if (node)
    values.size(field.name, *node, value);
}

void FieldReader::real(const Field &field, double &value, Reals range, double) {
  if (const Node *node = find(field.name))
    values.real(field.name, *node, range, value);
}

void FieldReader::real(const Field &field, std::optional<double> &value) {
  const Node *node = find(field.name);
  double number;
  if (!node || node->text == "none")
    return;
  if (values.real(field.name, *node, Reals::Positive, number))
    value = number;
}

void FieldReader::flag(const Field &field, bool &value, std::optional<bool>) {
  if (const Node *node = find(field.name))
    values.flag(field.name, *node, value);
}

void FieldReader::choice(const Field &field, unsigned &index, Words words) {
  if (const Node *node = find(field.name))
    values.word(field.name, where + "." + field.name.str(), *node, words,
                index);
}

void FieldReader::choice(const Field &field, std::optional<unsigned> &index,
                         Words words) {
  const Node *node = find(field.name);
  unsigned chosen;
  if (node && values.word(field.name, where + "." + field.name.str(), *node,
                          words, chosen))
    index = chosen;
}

void FieldReader::variant(const Field &field, unsigned &index, Words words,
                          InnerFields fields) {
  const Node *node = find(field.name);
  if (!node)
    return;
  std::string inner = where + "." + field.name.str();
  ArrayRef<Entry> entries;
  if (node->kind == Node::Kind::Map) {
    if (node->entries.size() != 1)
      return (void)values.mistaken(field.name,
                                   "one of " + listWords(words, "or"), *node);
    const Entry &entry = node->entries.front();
    if (!values.word(field.name, inner, entry.key, entry.place, words, index))
      return;
    if (entry.value.kind != Node::Kind::Map)
      return (void)values.mistaken(words[index], "a map of fields",
                                   entry.value);
    entries = entry.value.entries;
  } else if (!values.word(field.name, inner, *node, words, index)) {
    return;
  }
  StringRef word = words[index];
  FieldReader reader(inner + "." + word.str(),
                     prefix + field.name.str() + "." + word.str() + ".",
                     entries, nullptr, places, diagnostics);
  fields(index, reader);
  reader.finish();
}

void FieldReader::inner(const Field &field, Fields fields) {
  const Node *node = find(field.name);
  if (!node)
    return;
  if (node->kind != Node::Kind::Map)
    return (void)values.mistaken(field.name, "a map of fields", *node);
  FieldReader reader(where + "." + field.name.str(),
                     prefix + field.name.str() + ".", node->entries, nullptr,
                     places, diagnostics);
  fields(reader);
  reader.finish();
}

void FieldReader::sizes(const Field &field, ArrayRef<int64_t *> sizes) {
  const Node *node = find(field.name);
  if (!node)
    return;
  if (node->kind != Node::Kind::List || node->items.size() != sizes.size())
    return (void)values.mistaken(
        field.name, "a list of " + Twine(sizes.size()) + " whole numbers",
        *node);
  for (auto [item, value] : zip(node->items, sizes))
    values.size(field.name, item, *value);
}

void FieldReader::reals(const Field &field, std::vector<double> &reals) {
  const Node *node = find(field.name);
  if (!node)
    return;
  if (node->kind != Node::Kind::List)
    return (void)values.mistaken(field.name, "a list of numbers", *node);
  reals.clear();
  for (const Node &item : node->items) {
    double value = 1;
    values.real(field.name, item, Reals::Positive, value);
    reals.push_back(value);
  }
}

static SmallVector<StringRef> wordsOf(ArrayRef<FieldVisitor::Part> parts) {
  return map_to_vector(
      parts, [](const FieldVisitor::Part &part) { return part.first; });
}

void FieldReader::parts(const Field &field, ArrayRef<Part> parts) {
  const Node *node = find(field.name);
  if (!node)
    return;
  SmallVector<StringRef> words = wordsOf(parts);
  if (node->kind != Node::Kind::List) {
    bool all = false;
    if (node->kind != Node::Kind::Word ||
        (node->text != "true" && node->text != "false"))
      return (void)values.mistaken(
          field.name, "true, false or a list of " + listWords(words), *node);
    all = node->text == "true";
    for (const Part &part : parts)
      *part.second = all;
    return;
  }
  list(field, node->items, parts);
}

void FieldReader::some(const Field &field, ArrayRef<Part> parts) {
  const Node *node = find(field.name);
  if (!node)
    return;
  if (node->kind == Node::Kind::List)
    return list(field, node->items, parts);
  list(field, node->text == "none" ? ArrayRef<Node>() : ArrayRef(*node), parts);
}

/// The parts that are said are true, the others not.
void FieldReader::list(const Field &field, ArrayRef<Node> items,
                       ArrayRef<Part> parts) {
  SmallVector<StringRef> words = wordsOf(parts);
  for (const Part &part : parts)
    *part.second = false;
  for (const Node &item : items) {
    unsigned index;
    if (!values.word(field.name, where + "." + field.name.str(), item, words,
                     index))
      continue;
    if (*parts[index].second)
      diagnostics.error(item.place, "'" + item.text + "' is said twice");
    *parts[index].second = true;
  }
}

const Node *FieldReader::ownField(StringRef name) {
  const Entry *entry = findEntry(own, name);
  if (!entry)
    return nullptr;
  known.push_back(name);
  places[name.str()] = entry->place;
  return &entry->value;
}

void FieldReader::finish() {
  for (const Entry &entry : own)
    reportUnknown(entry);
  if (defaults)
    for (const Entry &entry : defaults->entries)
      reportUnknown(entry);
}

void FieldReader::reportUnknown(const Entry &entry) {
  if (is_contained(known, entry.key))
    return;
  StringRef owner = StringRef(where).rsplit('.').second;
  if (owner.empty())
    owner = where;
  if (isPlanned(where, entry.key))
    diagnostics.error(entry.place, "field '" + entry.key + "' of '" + owner +
                                       "' is not supported yet");
  else if (findLeaf(entry.key))
    diagnostics.error(entry.place, "unknown field '" + entry.key + "' of '" +
                                       owner + "'; did you mean the layer '" +
                                       entry.key + "'?");
  else
    diagnostics.error(entry.place, "unknown field '" + entry.key + "' of '" +
                                       owner + "'" +
                                       didYouMean(entry.key, known));
}

} // namespace spec
