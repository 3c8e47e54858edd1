// Windows on images and on the grids and sequences of rows.
#include "compiler/Reference/Layers.h"

namespace reference {

namespace {

/// Lines and columns of places; only those inside are there.
struct Places {
  int64_t lines, columns;
  bool has(int64_t line, int64_t column) const {
    return line >= 0 && line < lines && column >= 0 && column < columns;
  }
};

} // namespace

/// Calls body(line, column) for the first place of each window in order.
template <class Body>
static void forEachWindow(transformer::Windows windows, Places places,
                          int64_t padOfLines, int64_t lines, Body body) {
  for (int64_t a = 0; a < lines; ++a)
    for (int64_t b = 0; b < windows.on(places.columns); ++b)
      body(a * windows.stride - padOfLines, b * windows.stride - windows.pad);
}

Matrix patches(const Input &input, transformer::PatchesOp op) {
  llvm::ArrayRef<int64_t> shape = op.getImages().getType().getShape();
  int64_t channels = shape[1], size = op.getSize();
  Places image{shape[2], shape[3]};
  int64_t plane = image.lines * image.columns, pixels = channels * plane;
  int64_t lines = op.windows().on(image.lines);
  Matrix x{channels * size * size, {}, {}};
  for (const float *values = input.images.data();
       values < input.images.data() + input.images.size(); values += pixels) {
    x.lengths.push_back(lines * op.windows().on(image.columns));
    forEachWindow(
        op.windows(), image, op.getPad(), lines,
        [&](int64_t top, int64_t left) {
          for (int64_t c = 0; c < channels; ++c)
            for (int64_t y = top; y < top + size; ++y)
              for (int64_t column = left; column < left + size; ++column)
                x.values.push_back(
                    image.has(y, column)
                        ? values[c * plane + y * image.columns + column]
                        : 0.0);
        });
  }
  return x;
}

/// A sequence is the only line of a grid, with windows of one line.
Matrix unfold(transformer::UnfoldOp op, const Matrix &x) {
  using transformer::Order;
  bool grid = op.getGrid().has_value();
  int64_t across = op.getSize(), down = grid ? across : 1;
  Matrix y{x.width * down * across, {}, {}};
  int64_t first = 0;
  for (int64_t length : x.lengths) {
    Places places = grid ? Places{(*op.getGrid())[0], (*op.getGrid())[1]}
                         : Places{1, length};
    auto window = [&](int64_t top, int64_t left) {
      auto value = [&](int64_t c, int64_t dy, int64_t dx) {
        bool inside = places.has(top + dy, left + dx);
        int64_t row = first + (top + dy) * places.columns + left + dx;
        return inside ? x.row(row)[c] : 0.0;
      };
      for (int64_t i = 0; i < y.width; ++i) {
        int64_t c = i % x.width, place = i / x.width;
        if (op.getOrder() == Order::Channels)
          y.values.push_back(
              value(i / (down * across), i / across % down, i % across));
        else if (op.getOrder() == Order::Rows)
          y.values.push_back(value(c, place / across, place % across));
        else
          y.values.push_back(value(c, place % down, place / down));
      }
    };
    y.lengths.push_back(op.madeOf(length));
    forEachWindow(op.windows(), places, grid ? op.getPad() : 0,
                  grid ? op.windows().on(places.lines) : 1, window);
    first += length;
  }
  return y;
}

Matrix mix(const Matrix &x, const Weight &table) {
  Matrix y{x.width, {}, {}};
  int64_t first = 0;
  for (int64_t length : x.lengths) {
    y.lengths.push_back(table.rows);
    for (int64_t i = 0; i < table.rows; ++i)
      for (int64_t m = 0; m < x.width; ++m) {
        double sum = 0;
        for (int64_t t = 0; t < length; ++t)
          sum += double(table.row(i)[t]) * x.row(first + t)[m];
        y.values.push_back(sum);
      }
    first += length;
  }
  return y;
}

} // namespace reference
