// Nothing here computes: specs, weights and expected numbers are only read.
#include "Models.h"

#include "compiler/Layers/BuildModel.h"
#include "compiler/Spec/Parser.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

#include <gtest/gtest.h>

#include <cstring>

spec::Spec parse(const std::string &text) {
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(
      llvm::MemoryBuffer::getMemBufferCopy(text, "spec.yaml"), {});
  sources.setDiagHandler([](const llvm::SMDiagnostic &diagnostic, void *) {
    ADD_FAILURE() << diagnostic.getLineNo() << ":" << diagnostic.getColumnNo()
                  << ": " << diagnostic.getMessage().str();
  });
  std::optional<spec::Spec> spec = spec::parseSpec(sources);
  if (!spec)
    throw std::runtime_error("the test's spec is wrong");
  return std::move(*spec);
}

Model::Model(const spec::Spec &spec)
    : context(mlir::MLIRContext::Threading::DISABLED),
      module(layers::buildModel(context, spec)) {
  if (!module)
    throw std::runtime_error("the model cannot be built");
}

mlir::func::FuncOp Model::function() {
  return *module->getOps<mlir::func::FuncOp>().begin();
}

std::string Model::print() {
  std::string text;
  llvm::raw_string_ostream stream(text);
  module->print(stream);
  return text;
}

reference::Matrix Model::evaluate(const reference::Weights &weights,
                                  const reference::Input &input,
                                  const reference::Observer &observer) {
  auto result = reference::evaluate(function(), weights, input, observer);
  if (!result)
    throw std::runtime_error(toString(result.takeError()));
  return std::move(*result);
}

reference::Weights fromMap(const WeightMap &map) {
  return [&map](llvm::StringRef name, int64_t,
                int64_t) -> llvm::Expected<std::vector<float>> {
    auto found = map.find(name.str());
    if (found == map.end())
      return llvm::createStringError("there is no weight '" + name + "'");
    return std::vector<float>(found->second.begin(), found->second.end());
  };
}

std::vector<double> byFormula(uint32_t t, size_t count, double s) {
  uint32_t x = 12345 * t;
  std::vector<double> values;
  for (size_t i = 0; i < count; ++i) {
    x = 1664525 * x + 1013904223;
    values.push_back((double(x) / 4294967296.0 - 0.5) * s);
  }
  return values;
}

template <class T> static std::vector<double> toDoubles(llvm::StringRef bytes) {
  std::vector<T> values(bytes.size() / sizeof(T));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
  return {values.begin(), values.end()};
}

Array readArray(const std::string &path) {
  auto file = llvm::MemoryBuffer::getFile(path, false, false);
  if (!file)
    return {};
  llvm::StringRef bytes = (*file)->getBuffer();
  size_t start = 10 + uint8_t(bytes[8]) + 256 * uint8_t(bytes[9]);
  llvm::StringRef header = bytes.slice(10, start);
  Array array;
  llvm::StringRef shape = header.split("'shape': (").second.split(')').first;
  for (llvm::StringRef size : llvm::split(shape, ','))
    if (int64_t value; !size.trim().getAsInteger(10, value))
      array.shape.push_back(value);
  llvm::StringRef type = header.split("'descr': '").second.split('\'').first;
  llvm::StringRef data = bytes.drop_front(start);
  array.values = type == "<f8"   ? toDoubles<double>(data)
                 : type == "<f4" ? toDoubles<float>(data)
                 : type == "<i8" ? toDoubles<int64_t>(data)
                                 : toDoubles<int32_t>(data);
  return array;
}
