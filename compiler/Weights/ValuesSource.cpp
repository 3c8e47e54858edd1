// Parameters whose values the spec itself has, before those of another source.
#include "compiler/Spec/Parser.h"
#include "compiler/Weights/Fail.h"
#include "compiler/Weights/TensorSource.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace weights {
namespace {

class ValuesReader : public RowReader {
public:
  ValuesReader(spec::ValuesPointer values, int64_t cols)
      : values(std::move(values)), cols(cols) {}

  void read(int64_t begin, int64_t count, const Block &block) const override {
    auto at = [&](int64_t row, int64_t column) -> float & {
      return block
          .data[(row - begin) * block.rowStride + column * block.colStride];
    };
    for (int64_t row = begin; row < begin + count; ++row)
      for (int64_t column = 0; column < cols; ++column)
        at(row, column) =
            float(onDiagonal(row, column) ? values->diagonal : values->fill);
    auto first = partition_point(
        values->entries, [&](const auto &entry) { return entry.row < begin; });
    for (auto entry = first;
         entry != values->entries.end() && entry->row < begin + count; ++entry)
      at(entry->row, entry->column) = float(entry->value);
  }

private:
  bool onDiagonal(int64_t row, int64_t column) const {
    return values->diagonal != 0 &&
           row == (values->period ? column % values->period : column);
  }

  spec::ValuesPointer values;
  int64_t cols;
};

class ValuesSource : public TensorSource {
public:
  ValuesSource(const spec::Spec &spec, std::unique_ptr<TensorSource> others)
      : others(std::move(others)) {
    for (spec::Parameter &parameter : spec::listParameters(spec))
      if (parameter.values)
        parameters.push_back(std::move(parameter));
  }

  /// A vector is asked for as rows of one column.
  Expected<std::unique_ptr<RowReader>> get(StringRef name, int64_t rows,
                                           int64_t cols) const override {
    auto parameter = find_if(parameters, [&](const auto &each) {
      return isInstance(name, each.name, each.repeats);
    });
    if (parameter == parameters.end())
      return others->get(name, rows, cols);
    const std::vector<int64_t> &shape = parameter->shape;
    if (rows != shape[0] || cols != (shape.size() == 2 ? shape[1] : 1))
      return fail("parameter '{}' has shape {}, not {} x {} values", name.str(),
                  showShape(shape), rows, cols);
    return std::make_unique<ValuesReader>(parameter->values, cols);
  }

private:
  std::unique_ptr<TensorSource> others;
  std::vector<spec::Parameter> parameters;
};

} // namespace

std::unique_ptr<TensorSource>
makeValuesSource(const spec::Spec &spec, std::unique_ptr<TensorSource> others) {
  return std::make_unique<ValuesSource>(spec, std::move(others));
}

} // namespace weights
