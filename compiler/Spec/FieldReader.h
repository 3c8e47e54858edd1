// Reads a leaf's fields: what was said at the leaf, else in its defaults.
#ifndef COMPILER_SPEC_FIELDREADER_H
#define COMPILER_SPEC_FIELDREADER_H

#include "compiler/Spec/Fields.h"
#include "compiler/Spec/Values.h"

#include "llvm/ADT/SmallVector.h"

#include <map>

namespace spec {

class FieldReader final : public FieldVisitor {
public:
  using Places = std::map<std::string, Place>;

  /// `where` is the leaf, or leaf.field.word for fields inside a field; places
  /// get names below `prefix`. `defaults` may be null.
  FieldReader(llvm::StringRef where, llvm::StringRef prefix,
              llvm::ArrayRef<Entry> own, const Node *defaults, Places &places,
              Diagnostics &diagnostics)
      : where(where), prefix(prefix), own(own), defaults(defaults),
        places(places), diagnostics(diagnostics), values(diagnostics) {}

  void size(const Field &, int64_t &value) override;
  void size(const Field &, std::optional<int64_t> &value) override;
  void count(const Field &, int64_t &value) override;
  void real(const Field &, double &value, Reals range, double idle) override;
  void real(const Field &, std::optional<double> &value) override;
  void flag(const Field &, bool &value, std::optional<bool> idle) override;
  void choice(const Field &, unsigned &index, Words words) override;
  void choice(const Field &, std::optional<unsigned> &index,
              Words words) override;
  void variant(const Field &, unsigned &index, Words words,
               InnerFields fields) override;
  void inner(const Field &, Fields fields) override;
  void sizes(const Field &, llvm::ArrayRef<int64_t *> values) override;
  void reals(const Field &, std::vector<double> &values) override;
  void parts(const Field &, llvm::ArrayRef<Part> parts) override;
  void some(const Field &, llvm::ArrayRef<Part> parts) override;

  /// `as`, which every leaf has and no default.
  const Node *as() { return ownField("as"); }
  /// `values`, likewise.
  const Node *weightValues() { return ownField("values"); }
  /// Reports the fields that nothing has asked for.
  void finish();

private:
  const Node *find(llvm::StringRef name);
  const Node *ownField(llvm::StringRef name);
  void list(const Field &, llvm::ArrayRef<Node> items,
            llvm::ArrayRef<Part> parts);
  void reportUnknown(const Entry &entry);

  std::string where, prefix;
  llvm::ArrayRef<Entry> own;
  const Node *defaults;
  Places &places;
  Diagnostics &diagnostics;
  ValueReader values;
  llvm::SmallVector<llvm::StringRef> known;
};

} // namespace spec

#endif // COMPILER_SPEC_FIELDREADER_H
