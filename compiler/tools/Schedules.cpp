// layers.mlp.up: {rows: 8, vectors: 3}, a line for each kernel.
#include "compiler/tools/Schedules.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/Location.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/YAMLParser.h"

#include <fmt/format.h>

using namespace llvm;

namespace {

struct Reader {
  mlir::Builder b;
  StringRef path;
  SourceMgr sources;
  bool failed = false;

  Reader(mlir::MLIRContext &context, StringRef path)
      : b(&context), path(path) {}

  void complain(yaml::Node *node, const Twine &message) {
    failed = true;
    sources.PrintMessage(node->getSourceRange().Start, SourceMgr::DK_Error,
                         message, node->getSourceRange());
  }

  std::string textOf(yaml::Node *node) {
    SmallString<64> storage;
    auto *scalar = dyn_cast_or_null<yaml::ScalarNode>(node);
    return scalar ? scalar->getValue(storage).str() : "";
  }

  mlir::LocationAttr locate(yaml::Node *node) {
    auto [line, column] =
        sources.getLineAndColumn(node->getSourceRange().Start);
    return mlir::FileLineColLoc::get(b.getContext(), path, line, column);
  }

  /// rows or vectors.
  void readNumber(yaml::KeyValueNode &entry, mlir::NamedAttrList &values) {
    std::string name = textOf(entry.getKey());
    if (name != "rows" && name != "vectors")
      return complain(entry.getKey(), "unknown field '" + name +
                                          "'; a schedule has 'rows' and "
                                          "'vectors'");
    int64_t number;
    std::string text = textOf(entry.getValue());
    if (StringRef(text).getAsInteger(10, number) || number < 1 || number > 64)
      return complain(entry.getValue(),
                      "'" + name + "' is '" + text + "', expected 1 to 64");
    values.set(name, b.getI64IntegerAttr(number));
  }

  void readKernel(yaml::KeyValueNode &entry, mlir::NamedAttrList &schedules) {
    yaml::Node *key = entry.getKey();
    std::string name = textOf(key);
    auto *fields = dyn_cast_or_null<yaml::MappingNode>(entry.getValue());
    if (!fields)
      return complain(key,
                      "'" + name + "' needs a schedule: {rows: N, vectors: N}");
    mlir::NamedAttrList values;
    values.set("at", locate(key));
    for (yaml::KeyValueNode &field : *fields)
      readNumber(field, values);
    if (failed)
      return;
    for (const char *field : {"rows", "vectors"})
      if (!values.get(field))
        return complain(key,
                        "schedule of '" + name + "' has no '" + field + "'");
    if (schedules.get(name))
      return complain(key, "'" + name + "' has a schedule already");
    schedules.set(name, values.getDictionary(b.getContext()));
  }
};

} // namespace

Expected<mlir::DictionaryAttr> tool::readSchedules(mlir::MLIRContext &context,
                                                   StringRef path) {
  auto buffer = MemoryBuffer::getFile(path, /*IsText=*/true);
  if (!buffer)
    return createStringError(
        fmt::format("{}: {}", path.str(), buffer.getError().message()));
  Reader reader(context, path);
  StringRef text = (*buffer)->getBuffer();
  yaml::Stream stream(MemoryBufferRef(text, path), reader.sources);
  mlir::NamedAttrList schedules;
  for (yaml::Document &document : stream) {
    auto *kernels = dyn_cast_or_null<yaml::MappingNode>(document.getRoot());
    if (!kernels) {
      if (document.getRoot() && !isa<yaml::NullNode>(document.getRoot()))
        reader.complain(document.getRoot(), "expected names of kernels");
      continue;
    }
    for (yaml::KeyValueNode &entry : *kernels)
      reader.readKernel(entry, schedules);
  }
  if (stream.failed() || reader.failed)
    return createStringError("");
  return schedules.getDictionary(&context);
}
