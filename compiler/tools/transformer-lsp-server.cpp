// A language server for files of any MLIR level of the compiler.
#include "compiler/Pipeline/Pipeline.h"

#include "mlir/InitAllDialects.h"
#include "mlir/Tools/mlir-lsp-server/MlirLspServerMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  pipeline::registerDialects(registry);
  return failed(mlir::MlirLspServerMain(argc, argv, registry));
}
