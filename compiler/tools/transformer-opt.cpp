// Runs passes on a file of any level.
#include "compiler/Pipeline/Pipeline.h"

#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  pipeline::registerDialects(registry);
  mlir::registerAllPasses();
  pipeline::registerPasses();
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "transformer-opt\n", registry));
}
