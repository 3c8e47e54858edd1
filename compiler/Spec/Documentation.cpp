// The documenting visitor: a row for each field.
#include "compiler/Spec/Documentation.h"
#include "compiler/Spec/Leaf.h"
#include "compiler/Spec/Numbers.h"

#include "llvm/ADT/SmallVectorExtras.h"

using namespace llvm;

namespace spec {

namespace {

class FieldTable final : public FieldVisitor {
public:
  explicit FieldTable(std::string prefix = "") : prefix(std::move(prefix)) {}

  void size(const Field &field, int64_t &value) override {
    row(field, "size", value ? std::to_string(value) : "required");
  }
  void size(const Field &field, std::optional<int64_t> &) override {
    row(field, "size or `none`", "`none`");
  }
  void count(const Field &field, int64_t &value) override {
    row(field, "size or 0", std::to_string(value));
  }
  void real(const Field &field, double &value, Reals range, double) override {
    row(field,
        range == Reals::Positive      ? "number > 0"
        : range == Reals::NotNegative ? "number ≥ 0"
                                      : "number",
        writeReal(value));
  }
  void real(const Field &field, std::optional<double> &) override {
    row(field, "number > 0, or `none`", "`none`");
  }
  void flag(const Field &field, bool &value, std::optional<bool>) override {
    row(field, "`true` or `false`", value ? "`true`" : "`false`");
  }
  void choice(const Field &field, unsigned &index, Words words) override {
    row(field, code(words), "`" + words[index].str() + "`");
  }
  void choice(const Field &field, std::optional<unsigned> &,
              Words words) override {
    row(field, code(words), "the model's");
  }
  void variant(const Field &field, unsigned &index, Words words,
               InnerFields fields) override {
    choice(field, index, words);
    for (unsigned word = 0; word != words.size(); ++word) {
      FieldTable inner(prefix + field.name.str() + "." + words[word].str() +
                       ".");
      fields(word, inner);
      rows += inner.rows;
    }
  }
  void inner(const Field &field, Fields fields) override {
    row(field, "a map", "`none`");
    FieldTable inner(prefix + field.name.str() + ".");
    fields(inner);
    rows += inner.rows;
  }
  void sizes(const Field &field, ArrayRef<int64_t *> values) override {
    row(field, "list of " + std::to_string(values.size()) + " sizes",
        "required");
  }
  void reals(const Field &field, std::vector<double> &) override {
    row(field, "list of numbers > 0", "required");
  }
  void parts(const Field &field, ArrayRef<Part> parts) override {
    row(field, "`true`, `false` or a list of " + code(wordsOf(parts)),
        "`false`");
  }
  void some(const Field &field, ArrayRef<Part> parts) override {
    row(field, "`none`, one or a list of " + code(wordsOf(parts)), "`none`");
  }

  std::string rows;

private:
  static SmallVector<StringRef> wordsOf(ArrayRef<Part> parts) {
    return map_to_vector(parts, [](const Part &part) { return part.first; });
  }

  static std::string code(Words words) {
    std::string text;
    for (StringRef word : words)
      text += (text.empty() ? "`" : ", `") + word.str() + "`";
    return text;
  }

  void row(const Field &field, const std::string &takes,
           const std::string &usual) {
    rows += "| `" + prefix + field.name.str() + "` | " + takes + " | " +
            (field.otherwise.empty() ? usual : field.otherwise.str()) + " | " +
            field.meaning.str() + " |\n";
  }

  std::string prefix;
};

} // namespace

std::string documentLeaves() {
  std::string text;
  for (const Leaf *leaf : leaves()) {
    FieldTable table;
    LayerBody body = leaf->make();
    leaf->visit(body, table);
    text += "### `" + leaf->name.str() + "`\n";
    text += leaf->meaning.str() + ".";
    if (!leaf->word.empty())
      text +=
          " `" + leaf->name.str() + ": WORD` says `" + leaf->word.str() + "`.";
    text += "\n\n";
    if (!table.rows.empty())
      text += "| field | takes | default | meaning |\n|---|---|---|---|\n" +
              table.rows + "\n";
  }
  return text;
}

} // namespace spec
