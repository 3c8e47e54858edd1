// What all sources of parameters share.
#include "compiler/Weights/TensorSource.h"

#include "llvm/ADT/StringExtras.h"

#include <fmt/format.h>

#include <variant>

using namespace llvm;

namespace weights {

Expected<std::vector<float>> TensorSource::getAll(StringRef name, int64_t rows,
                                                  int64_t cols) const {
  Expected<std::unique_ptr<RowReader>> reader = get(name, rows, cols);
  if (!reader)
    return reader.takeError();
  std::vector<float> values(size_t(rows * cols));
  (*reader)->read(0, rows, {values.data(), cols, 1});
  return values;
}

/// The value of "{i}", "{i*6}", "{i+5}" or "{i*6+5}" that `text` begins with,
/// which is taken off; none, and nothing taken, if it doesn't.
static std::optional<int64_t> takeIndex(StringRef &text,
                                        ArrayRef<int64_t> indices) {
  StringRef rest = text;
  if (!rest.consume_front("{") || rest.empty() || rest[0] < 'i' ||
      size_t(rest[0] - 'i') >= indices.size())
    return std::nullopt;
  int64_t value = indices[rest[0] - 'i'];
  rest = rest.drop_front();
  uint32_t number;
  if (rest.consume_front("*")) {
    if (rest.consumeInteger(10, number))
      return std::nullopt;
    value *= number;
  }
  if (rest.consume_front("+")) {
    if (rest.consumeInteger(10, number))
      return std::nullopt;
    value += number;
  }
  if (!rest.consume_front("}"))
    return std::nullopt;
  text = rest;
  return value;
}

std::string substitute(StringRef name, ArrayRef<int64_t> indices) {
  std::string result;
  while (!name.empty()) {
    if (std::optional<int64_t> value = takeIndex(name, indices)) {
      result += fmt::to_string(*value);
      continue;
    }
    result += name.front();
    name = name.drop_front();
  }
  return result;
}

bool isInstance(StringRef name, StringRef pattern, ArrayRef<int64_t> repeats) {
  while (!pattern.empty()) {
    if (!pattern.consume_front("{")) {
      if (name.empty() || name.front() != pattern.front())
        return false;
      name = name.drop_front();
      pattern = pattern.drop_front();
      continue;
    }
    size_t letter = size_t(pattern.front() - 'i');
    pattern = pattern.drop_front(2); // the letter and "}"
    StringRef digits = name.take_while(isDigit);
    int64_t index;
    if (letter >= repeats.size() || digits.getAsInteger(10, index) ||
        index >= repeats[letter] || (digits.size() > 1 && digits[0] == '0'))
      return false;
    name = name.drop_front(digits.size());
  }
  return name.empty();
}

bool nextIndex(std::vector<int64_t> &index, ArrayRef<int64_t> repeats) {
  for (size_t k = 0; k < index.size(); ++k) {
    if (++index[k] < repeats[k])
      return true;
    index[k] = 0;
  }
  return false;
}

void forEachIndex(ArrayRef<int64_t> repeats,
                  function_ref<void(ArrayRef<int64_t>)> body) {
  for (int64_t count : repeats)
    if (count <= 0)
      return;
  std::vector<int64_t> index(repeats.size(), 0);
  do
    body(index);
  while (nextIndex(index, repeats));
}

void forEachLeaf(const spec::Spec &spec,
                 function_ref<void(const spec::Layer &)> body) {
  forEachLeaf(spec.encoder, body);
  forEachLeaf(spec.layers, body);
}

void forEachLeaf(const spec::Layers &layers,
                 function_ref<void(const spec::Layer &)> body) {
  for (const spec::Layer &layer : layers) {
    if (auto *residual = std::get_if<spec::Residual>(&layer.body))
      forEachLeaf(residual->layers, body);
    else if (auto *parallel = std::get_if<spec::Parallel>(&layer.body))
      forEachLeaf(parallel->branches, body);
    else if (auto *outputs = std::get_if<spec::Outputs>(&layer.body))
      forEachLeaf(outputs->branches, body);
    else if (auto *exit = std::get_if<spec::Exit>(&layer.body))
      forEachLeaf(exit->layers, body);
    else if (auto *sequence = std::get_if<spec::Sequence>(&layer.body))
      forEachLeaf(sequence->layers, body);
    else if (auto *repeat = std::get_if<spec::Repeat>(&layer.body))
      forEachLeaf(repeat->layers, body);
    else
      body(layer);
  }
}

Expected<std::unique_ptr<TensorSource>>
openWeights(const spec::Spec &spec, uint64_t seed, Remark remark) {
  if (!spec.weights)
    return makeValuesSource(spec, makeSeededWeights(spec, seed));
  Expected<std::unique_ptr<TensorSource>> files = openSpecWeights(spec, remark);
  if (!files)
    return files.takeError();
  return makeValuesSource(spec, std::move(*files));
}

} // namespace weights
