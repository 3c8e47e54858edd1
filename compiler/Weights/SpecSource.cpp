// Parameters from the files and names of a spec's `weights:`: each is found,
// cut and compared with the shape the spec needs before any value is read.
#include "compiler/Spec/Parser.h"
#include "compiler/Weights/Fail.h"
#include "compiler/Weights/TensorSource.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Path.h"

#include <algorithm>
#include <map>
#include <variant>

using namespace llvm;

namespace weights {
namespace {

/// A tensor or what a spec cuts out of it.
struct Cut {
  const char *data = nullptr;
  DType dtype = DType::F32;
  std::vector<int64_t> dims, strides; ///< in elements

  int64_t count() const {
    int64_t product = 1;
    for (int64_t dim : dims)
      product *= dim;
    return product;
  }
};

/// "h.0.attn.c_attn.weight[:, 0:768].T", as the spec writes it.
std::string show(StringRef tensor, const spec::WeightSource &source) {
  std::string text = tensor.str();
  for (size_t k = 0; k < source.slices.size(); ++k) {
    auto [begin, end] = source.slices[k];
    text += k == 0 ? "[" : ", ";
    text += begin == 0 && end < 0 ? ":" : fmt::format("{}:", begin);
    text += end < 0 ? "" : fmt::to_string(end);
  }
  text += source.slices.empty() ? "" : "]";
  return text + (source.transpose ? ".T" : "");
}

Expected<Cut> cut(const Tensor &tensor, const spec::WeightSource &source) {
  if (tensor.dtype == DType::Other)
    return fail("has type {}, expected F32, F16, BF16 or F64",
                tensor.dtypeName.str());
  Cut result{tensor.data, tensor.dtype, tensor.shape,
             std::vector<int64_t>(tensor.shape.size())};
  int64_t stride = 1;
  for (size_t k = tensor.shape.size(); k-- > 0;) {
    result.strides[k] = stride;
    stride *= tensor.shape[k];
  }
  if (!source.slices.empty() && source.slices.size() != tensor.shape.size())
    return fail("has shape {}, {} slices are given", showShape(tensor.shape),
                source.slices.size());
  for (size_t k = 0; k < source.slices.size(); ++k) {
    auto [begin, end] = source.slices[k];
    end = end < 0 ? tensor.shape[k] : end;
    if (begin < 0 || begin > end || end > tensor.shape[k])
      return fail("has shape {}, slice {}:{} is outside",
                  showShape(tensor.shape), begin, end);
    result.dims[k] = end - begin;
    result.data += begin * result.strides[k] * elementBytes(tensor.dtype);
  }
  if (source.transpose) {
    std::reverse(result.dims.begin(), result.dims.end());
    std::reverse(result.strides.begin(), result.strides.end());
  }
  return result;
}

/// The same shape but for leading ones and trailing dimensions that ours has
/// as one: a position table [1, T, M], a convolution [M, C, P, P].
bool fits(ArrayRef<int64_t> theirs, ArrayRef<int64_t> ours) {
  while (theirs.size() > ours.size() && theirs.front() == 1)
    theirs = theirs.drop_front();
  if (ours.empty() || theirs.size() < ours.size())
    return theirs.empty() && ours.empty();
  size_t last = ours.size() - 1;
  int64_t rest = 1;
  for (int64_t dim : theirs.drop_front(last))
    rest *= dim;
  return theirs.take_front(last) == ours.take_front(last) &&
         rest == ours.back();
}

/// Names of learned position tables, of which a shorter context uses the first
/// rows.
void collectPositions(const spec::Layers &layers, StringSet<> &names) {
  for (const spec::Layer &layer : layers) {
    if (std::holds_alternative<spec::Position>(layer.body))
      names.insert(layer.scope + ".weight");
    else if (auto *residual = std::get_if<spec::Residual>(&layer.body))
      collectPositions(residual->layers, names);
    else if (auto *parallel = std::get_if<spec::Parallel>(&layer.body))
      collectPositions(parallel->branches, names);
    else if (auto *sequence = std::get_if<spec::Sequence>(&layer.body))
      collectPositions(sequence->layers, names);
    else if (auto *repeat = std::get_if<spec::Repeat>(&layer.body))
      collectPositions(repeat->layers, names);
  }
}

/// Keeps the first `rows` rows of a table that has more.
void shorten(Cut &table, ArrayRef<int64_t> shape) {
  size_t rank = table.dims.size();
  if (shape.size() == 2 && rank >= 2 && table.dims[rank - 2] > shape[0] &&
      table.dims[rank - 1] == shape[1])
    table.dims[rank - 2] = shape[0];
}

/// Dimensions [begin, end) as one, if their elements are evenly spaced.
struct Axis {
  int64_t size = 1, stride = 0;
  bool even = true;
};
Axis mergeAxes(const Cut &cut, size_t begin, size_t end) {
  Axis axis;
  for (size_t k = end; k-- > begin;) {
    if (cut.dims[k] == 1)
      continue;
    if (axis.size == 1)
      axis.stride = cut.strides[k];
    else if (cut.strides[k] != axis.size * axis.stride)
      axis.even = false;
    axis.size *= cut.dims[k];
  }
  return axis;
}

class ViewReader : public RowReader {
public:
  explicit ViewReader(const View &view) : view(view) {}
  void read(int64_t begin, int64_t count, const Block &block) const override {
    copyRows(view, begin, count, block);
  }

private:
  View view;
};

/// A cut that is no evenly spaced matrix of the wanted size, copied out.
class CopyReader : public RowReader {
public:
  CopyReader(const Cut &cut, int64_t rows, int64_t cols)
      : values(size_t(cut.count())) {
    float *to = values.data();
    ArrayRef<int64_t> outer = ArrayRef(cut.dims).drop_back();
    std::vector<int64_t> reversed(outer.rbegin(), outer.rend());
    forEachIndex(reversed, [&](ArrayRef<int64_t> index) {
      int64_t at = 0;
      for (size_t k = 0; k < index.size(); ++k)
        at += index[index.size() - 1 - k] * cut.strides[k];
      View run{cut.data + at * elementBytes(cut.dtype),
               cut.dtype,
               1,
               cut.dims.back(),
               0,
               cut.strides.back()};
      copyRows(run, 0, 1, {to, 0, 1});
      to += run.cols;
    });
    view = {reinterpret_cast<const char *>(values.data()),
            DType::F32,
            rows,
            cols,
            cols,
            1};
  }
  void read(int64_t begin, int64_t count, const Block &block) const override {
    copyRows(view, begin, count, block);
  }

private:
  std::vector<float> values;
  View view;
};

std::unique_ptr<RowReader> makeReader(const Cut &cut, int64_t rows,
                                      int64_t cols) {
  for (size_t split = 0; split <= cut.dims.size(); ++split) {
    Axis row = mergeAxes(cut, 0, split);
    Axis col = mergeAxes(cut, split, cut.dims.size());
    if (row.size == rows && col.size == cols && row.even && col.even)
      return std::make_unique<ViewReader>(
          View{cut.data, cut.dtype, rows, cols, row.stride, col.stride});
  }
  return std::make_unique<CopyReader>(cut, rows, cols);
}

/// Tables that checkpoints carry along though no parameter is in them: masks
/// of GPT-2, rotary frequencies, counted positions.
bool isBuffer(const Tensor &tensor) {
  StringRef name = tensor.name;
  return (name.ends_with(".attn.bias") && tensor.shape.size() == 4) ||
         name.ends_with(".attn.masked_bias") ||
         name.ends_with("rotary_emb.inv_freq") ||
         name.ends_with("position_ids");
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

class SpecSource : public TensorSource {
public:
  explicit SpecSource(const spec::Spec &spec) : spec(spec) {
    collectPositions(spec.layers, positions);
  }

  Error open();
  Error resolve();
  void warnOfUnused(Warn warn) const;

  Expected<std::unique_ptr<RowReader>> get(StringRef name, int64_t rows,
                                           int64_t cols) const override {
    auto entry = cuts.find(name);
    if (entry == cuts.end())
      return fail("the model has no parameter '{}'", name.str());
    if (rows * cols != entry->second.count())
      return fail("parameter '{}' has shape {}, not {} x {} values", name.str(),
                  showShape(entry->second.dims), rows, cols);
    return makeReader(entry->second, rows, cols);
  }

private:
  spec::WeightSource sourceOf(const spec::Parameter &parameter) const;
  Error resolveOne(const spec::Parameter &parameter, ArrayRef<int64_t> index);
  std::string filesInWords() const;

  const spec::Spec &spec; // until resolve() has returned
  std::vector<TensorFile> files;
  StringMap<Cut> cuts;
  StringSet<> positions, used;
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

Error SpecSource::resolveOne(const spec::Parameter &parameter,
                             ArrayRef<int64_t> index) {
  std::string name = substitute(parameter.name, index);
  spec::WeightSource source = sourceOf(parameter);
  std::string theirs = substitute(source.tensor, index);
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
  used.insert(theirs);
  Expected<Cut> values = cut(*tensor, source);
  if (!values)
    return fail("{}: tensor '{}' {} (parameter '{}')", holder->path(), theirs,
                toString(values.takeError()), name);
  if (positions.contains(parameter.name))
    shorten(*values, parameter.shape);
  if (!fits(values->dims, parameter.shape))
    return fail("{}: tensor '{}' has shape {}, parameter '{}' of the spec has "
                "{}",
                holder->path(), show(theirs, source), showShape(values->dims),
                name, showShape(parameter.shape));
  cuts[name] = std::move(*values);
  return Error::success();
}

/// Stops after some failures: a spec may repeat a layer two billion times.
Error SpecSource::resolve() {
  constexpr int shown = 8;
  int failures = 0;
  Error errors = Error::success();
  for (const spec::Parameter &parameter : spec::listParameters(spec)) {
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

void SpecSource::warnOfUnused(Warn warn) const {
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
    warn(fmt::format("{}: tensors that the model doesn't use: {}", file.path(),
                     list));
  }
}

} // namespace

Expected<std::unique_ptr<TensorSource>> openSpecWeights(const spec::Spec &spec,
                                                        Warn warn) {
  auto source = std::make_unique<SpecSource>(spec);
  if (Error error = source->open())
    return error;
  if (Error error = source->resolve())
    return error;
  source->warnOfUnused(warn);
  return source;
}

} // namespace weights
