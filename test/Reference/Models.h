// Models from the text of a spec, evaluated on weights by formula or of a file.
#ifndef TEST_REFERENCE_MODELS_H
#define TEST_REFERENCE_MODELS_H

#include "compiler/Reference/Evaluate.h"
#include "compiler/Spec/Spec.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include <map>
#include <string>
#include <vector>

/// The checked spec; every error in it is a test failure.
spec::Spec parse(const std::string &text);

/// A model ready to be evaluated.
class Model {
public:
  explicit Model(const spec::Spec &spec);

  mlir::func::FuncOp function();
  std::string print();
  reference::Matrix evaluate(const reference::Weights &weights,
                             const reference::Input &input,
                             const reference::Observer &observer = {});

private:
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

/// Values of a parameter, row by row; names are as in the file.
using WeightMap = std::map<std::string, std::vector<double>>;
reference::Weights fromMap(const WeightMap &map);

/// tensor(t, count, s): a linear congruential sequence seeded by t, in
/// [-s/2, s/2).
std::vector<double> byFormula(uint32_t t, size_t count, double s);

/// An array of numpy (.npy), its numbers as doubles.
struct Array {
  std::vector<int64_t> shape;
  std::vector<double> values;
};
/// Values are empty if there is no such file.
Array readArray(const std::string &path);

#endif // TEST_REFERENCE_MODELS_H
