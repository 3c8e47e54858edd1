# Tests of the levels of IR: *.mlir and *.test, run by lit.
import os

import lit.formats
import lit.llvm

lit.llvm.initialize(lit_config, config)
from lit.llvm import llvm_config  # made by initialize()

config.name = "transformer-compile"
config.test_format = lit.formats.ShTest(True)
config.suffixes = [".mlir", ".test"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = config.tests_dir
config.environment["FILECHECK_OPTS"] = "-enable-var-scope"

llvm_config.add_tool_substitutions(
    ["transformer-opt", "transformer-compile", "transformer-lsp-server"],
    [config.tools_dir])
llvm_config.add_tool_substitutions(
    ["FileCheck", "not", "split-file", "count", "llc", "mlir-translate",
     "llvm-mc", "llvm-objdump", "llvm-size"], [config.llvm_tools_dir])
