// Parameters from the files and names of a spec's `weights:`: each is found,
// cut and compared with the shape the spec needs before any value is read.
#include "compiler/Spec/Parser.h"
#include "compiler/Weights/Cut.h"
#include "compiler/Weights/Fail.h"
#include "compiler/Weights/Gguf.h"
#include "compiler/Weights/TensorSource.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Path.h"

#include <algorithm>
#include <deque>
#include <map>
#include <variant>

using namespace llvm;

namespace weights {
namespace {

/// Names of learned position tables, of which a shorter context uses the first
/// rows.
StringSet<> positionTables(const spec::Spec &spec) {
  StringSet<> names;
  forEachLeaf(spec, [&](const spec::Layer &layer) {
    if (std::holds_alternative<spec::Position>(layer.body))
      names.insert(layer.scope + ".weight");
  });
  return names;
}

/// Tables that checkpoints carry along though no parameter is in them: masks
/// of GPT-2, rotary frequencies and their factors, counted positions.
bool isBuffer(const Tensor &tensor) {
  StringRef name = tensor.name;
  return (name.ends_with(".attn.bias") && tensor.shape.size() == 4) ||
         name.ends_with(".attn.masked_bias") ||
         name.ends_with("rotary_emb.inv_freq") || name == "rope_freqs.weight" ||
         name.starts_with("rope_factors_") || name.ends_with("position_ids");
}

/// How the matrices of each layer are stored, by its scope.
StringMap<spec::Dtype> formatsOf(const spec::Spec &spec) {
  StringMap<spec::Dtype> formats;
  forEachLeaf(spec, [&](const spec::Layer &layer) {
    formats[layer.scope] = spec::dtypeOf(layer, spec);
  });
  return formats;
}

StringRef nameOf(spec::Dtype format) {
  switch (format) {
  case spec::Dtype::F32:
    return "f32";
  case spec::Dtype::Bf16:
    return "bf16";
  case spec::Dtype::Int8:
    return "int8";
  case spec::Dtype::Int4:
    return "int4";
  }
  llvm_unreachable("every format is above");
}

/// "h.*.attn.extra" for "h.0.attn.extra", so that a list stays short.
std::string withoutNumbers(StringRef name) {
  std::string result;
  SmallVector<StringRef> words;
  name.split(words, '.');
  for (StringRef word : words) {
    result += result.empty() ? "" : ".";
    result += word.find_first_not_of("0123456789") == StringRef::npos
                  ? "*"
                  : word.str();
  }
  return result;
}

int64_t countOf(ArrayRef<int64_t> shape) {
  int64_t product = 1;
  for (int64_t dim : shape)
    product *= dim;
  return product;
}

class SpecSource : public TensorSource {
public:
  explicit SpecSource(const spec::Spec &spec)
      : spec(spec), positions(positionTables(spec)), formats(formatsOf(spec)) {}

  Error open();
  Error resolve();
  void warnOfUnused(Remark remark) const;
  void noteConverted(Remark remark) const;

  Expected<std::unique_ptr<RowReader>> get(StringRef name, int64_t rows,
                                           int64_t cols) const override {
    auto entry = cuts.find(name);
    if (entry == cuts.end())
      return fail("the model has no parameter '{}'", name.str());
    const Cut &first = entry->second.front();
    if (rows * cols != first.count())
      return fail("parameter '{}' has shape {}, not {} x {} values", name.str(),
                  showShape(first.dims), rows, cols);
    std::unique_ptr<RowReader> reader = makeReader(first, rows, cols);
    for (const Cut &more : ArrayRef(entry->second).drop_front())
      reader = makeSum(std::move(reader), makeReader(more, rows, cols), cols);
    return std::move(reader);
  }

private:
  spec::WeightSource sourceOf(const spec::Parameter &parameter) const;
  Error resolveOne(const spec::Parameter &parameter, ArrayRef<int64_t> index);
  Expected<Cut> cutOne(const spec::WeightSource &pattern,
                       const spec::Parameter &parameter,
                       const std::string &name, ArrayRef<int64_t> index,
                       bool first);
  void countConverted(const TensorFile &file, const Tensor &tensor,
                      const spec::Parameter &parameter, bool keepsBlocks);
  std::string filesInWords() const;

  const spec::Spec &spec; // until resolve() has returned
  std::vector<TensorFile> files;
  StringSet<> positions, used;
  StringMap<spec::Dtype> formats; ///< of layers, by scope
  /// Tensors of a GGUF file by what became of them: file, type, format.
  std::map<std::tuple<std::string, std::string, spec::Dtype>, int> converted;
  StringMap<std::vector<Cut>> cuts; ///< summands
  std::deque<float> constants;      ///< that cuts point to
};

Error SpecSource::open() {
  for (const std::string &name : spec.weights->files) {
    SmallString<128> path(name);
    if (!sys::path::is_absolute(path)) {
      path = sys::path::parent_path(spec.path);
      sys::path::append(path, name);
    }
    Expected<TensorFile> file = openTensorFile(path);
    if (!file)
      return file.takeError();
    for (const Tensor &tensor : file->tensors())
      for (const TensorFile &other : files)
        if (other.find(tensor.name))
          return fail("tensor '{}' is both in {} and in {}", tensor.name,
                      other.path(), file->path());
    files.push_back(std::move(*file));
  }
  return Error::success();
}

/// What `names` says, or else their name is ours.
spec::WeightSource
SpecSource::sourceOf(const spec::Parameter &parameter) const {
  const auto &names = spec.weights->names;
  auto entry = names.find(parameter.name);
  if (entry != names.end())
    return entry->second;
  spec::WeightSource same;
  same.tensor = parameter.name;
  return same;
}

std::string SpecSource::filesInWords() const {
  std::string text;
  for (const TensorFile &file : files)
    text += (text.empty() ? "" : ", ") + file.path();
  return text.empty() ? spec.path : text;
}

void SpecSource::countConverted(const TensorFile &file, const Tensor &tensor,
                                const spec::Parameter &parameter,
                                bool keepsBlocks) {
  if (!StringRef(file.path()).ends_with(".gguf"))
    return;
  StringRef scope = parameter.name;
  auto layer = formats.end();
  while (layer == formats.end() && scope.contains('.')) {
    scope = scope.rsplit('.').first;
    layer = formats.find(scope);
  }
  bool isMatrix = parameter.shape.size() == 2 && layer != formats.end() &&
                  !isAlwaysF32(parameter.name);
  spec::Dtype format = isMatrix ? layer->second : spec::Dtype::F32;
  bool hasBlocks = format != spec::Dtype::F32;
  if (ggufFormat(tensor.dtypeName) != format || (hasBlocks && !keepsBlocks))
    ++converted[{file.path(), tensor.dtypeName.str(), format}];
}

/// The source at one place of the repetitions.
spec::WeightSource sourceAt(const spec::WeightSource &source,
                            ArrayRef<int64_t> index) {
  spec::WeightSource here = source;
  here.tensor = substitute(source.tensor, index);
  for (spec::WeightSource::Slice &slice : here.slices) {
    if (slice.index.empty())
      continue;
    // What is no number is no place either.
    if (StringRef(substitute(slice.index, index)).getAsInteger(10, slice.begin))
      slice.begin = -1;
    slice.end = slice.begin + 1;
    slice.index.clear();
  }
  return here;
}

/// One summand of the parameter `name`, cut and compared in shape; the first
/// one has the whole shape.
Expected<Cut> SpecSource::cutOne(const spec::WeightSource &pattern,
                                 const spec::Parameter &parameter,
                                 const std::string &name,
                                 ArrayRef<int64_t> index, bool first) {
  if (pattern.constant)
    return repeatValue(constants.emplace_back(float(*pattern.constant)),
                       parameter.shape);
  spec::WeightSource source = sourceAt(pattern, index);
  const std::string &theirs = source.tensor;
  const Tensor *tensor = nullptr;
  const TensorFile *holder = nullptr;
  for (const TensorFile &file : files)
    if (const Tensor *found = file.find(theirs)) {
      tensor = found;
      holder = &file;
    }
  if (!tensor)
    return fail("{}: no tensor '{}', which parameter '{}' {} needs",
                filesInWords(), theirs, name, showShape(parameter.shape));
  Expected<Cut> values = cutTensor(*tensor, source);
  if (!values)
    return fail("{}: tensor '{}' {} (parameter '{}')", holder->path(), theirs,
                toString(values.takeError()), name);
  if (used.insert(theirs).second)
    countConverted(*holder, *tensor, parameter,
                   first && source.plus.empty() && values->keepsBlocks());
  if (positions.contains(parameter.name))
    shorten(*values, parameter.shape);
  bool fit = source.reshape.empty()
                 ? fits(values->dims, parameter.shape)
                 : values->count() == countOf(parameter.shape);
  if (!fit && (first || !spread(*values, parameter.shape)))
    return fail("{}: tensor '{}' has shape {}, parameter '{}' of the spec has "
                "{}",
                holder->path(), showCut(theirs, source),
                showShape(values->dims), name, showShape(parameter.shape));
  return values;
}

Error SpecSource::resolveOne(const spec::Parameter &parameter,
                             ArrayRef<int64_t> index) {
  std::string name = substitute(parameter.name, index);
  spec::WeightSource source = sourceOf(parameter);
  Expected<Cut> first = cutOne(source, parameter, name, index, true);
  if (!first)
    return first.takeError();
  std::vector<Cut> summands = {std::move(*first)};
  for (const spec::WeightSource &more : source.plus) {
    Expected<Cut> cut = cutOne(more, parameter, name, index, false);
    if (!cut)
      return cut.takeError();
    summands.push_back(std::move(*cut));
  }
  cuts[name] = std::move(summands);
  return Error::success();
}

/// Stops after some failures: a spec may repeat a layer two billion times.
Error SpecSource::resolve() {
  constexpr int shown = 8;
  int failures = 0;
  Error errors = Error::success();
  for (const spec::Parameter &parameter : spec::listParameters(spec)) {
    if (parameter.values)
      continue;
    std::vector<int64_t> index(parameter.repeats.size(), 0);
    do {
      Error error = resolveOne(parameter, index);
      if (!error)
        continue;
      errors = joinErrors(std::move(errors), std::move(error));
      if (++failures == shown)
        return joinErrors(std::move(errors),
                          fail("{}: perhaps more; these were the first {}",
                               filesInWords(), shown));
    } while (nextIndex(index, parameter.repeats));
  }
  return errors;
}

void SpecSource::warnOfUnused(Remark remark) const {
  for (const TensorFile &file : files) {
    std::map<std::string, int> unused;
    for (const Tensor &tensor : file.tensors())
      if (!used.contains(tensor.name) && !isBuffer(tensor))
        ++unused[withoutNumbers(tensor.name)];
    if (unused.empty())
      continue;
    std::string list;
    for (const auto &[name, count] : unused)
      list += fmt::format("{}'{}'{}", list.empty() ? "" : ", ", name,
                          count == 1 ? "" : fmt::format(" ({} times)", count));
    remark(fmt::format("warning: {}: tensors that the model doesn't use: {}",
                       file.path(), list));
  }
}

void SpecSource::noteConverted(Remark remark) const {
  for (const auto &[what, count] : converted) {
    const auto &[path, type, format] = what;
    remark(fmt::format("note: {}: {} tensor{} of {} converted to {}", path,
                       count, count == 1 ? "" : "s", type,
                       nameOf(format).str()));
  }
}

} // namespace

Expected<std::unique_ptr<TensorSource>> openSpecWeights(const spec::Spec &spec,
                                                        Remark remark) {
  auto source = std::make_unique<SpecSource>(spec);
  if (Error error = source->open())
    return error;
  if (Error error = source->resolve())
    return error;
  source->warnOfUnused(remark);
  source->noteConverted(remark);
  return source;
}

} // namespace weights
