#!/usr/bin/python3
"""Prints the examples of a dialect's documentation as one file of IR.

usage: doc-examples.py FILE.td...

An example that is no function becomes one: the values that it uses but does not
define are its arguments, with the types that the ops beside them say.
"""

import re
import sys

ARGUMENTS = {
    "rows": "!transformer.rows",
    "source": "!transformer.rows",
    "i": "index",
    "tokens": "tensor<?xi32>",
    "images": "tensor<?x1x28x28xf32>",
    "reals": "tensor<?x8xf32>",
    "x": "tensor<?x8xf32>",
    "w": "tensor<8xf32>",
    "half": "tensor<4xf32>",
    "one": "tensor<1x8xf32>",
    "two": "tensor<2x8xf32>",
    "mixtures": "tensor<4x16xf32>",
    "up": "tensor<32x8xf32>",
    "b": "tensor<32xf32>",
    "q": "tensor<?x512xf32>",
    "k": "tensor<?x128xf32>",
    "v": "tensor<?x64xf32>",
    "keys": "tensor<?x4xf32>",
    "last": "tensor<?x8xf32>",
    "own": "tensor<?x6xf32>",
    "shared": "tensor<?x2xf32>",
    "others": "tensor<?x10xf32>",
    "plain": "tensor<10x3xf32>",
    "turned": "tensor<6x5xf32>",
    "places": "tensor<8x9xf32>",
    "offsets": "tensor<49x1xf32>",
    "features": "tensor<5x4xf32>",
    "d": "tensor<2xf32>",
    "share": "tensor<?x2xf32>",
    "three": "tensor<8x3xf32>",
}
TABLES = {"embed": "64x8", "position": "16x8", "prepend": "1x8",
          "queries": "3x8", "relative": "32x8"}


def examples(path):
    text = open(path).read()
    for block in re.findall(r"```mlir\n(.*?)```", text, re.DOTALL):
        yield block


def function(block, number):
    if "func.func" in block:
        return block
    used = dict.fromkeys(re.findall(r"%(\w+)", block))
    defined = set(re.findall(r"%(\w+)(?:, %\w+)* =", block)) | set(
        re.findall(r"%\w+, %(\w+) =", block))
    operation = re.search(r"transformer\.(\w+)", block).group(1)
    arguments = []
    for name in used:
        if name in defined:
            continue
        kind = ARGUMENTS.get(name)
        if name == "table":
            kind = f"tensor<{TABLES[operation]}xf32>"
        arguments.append(f"%{name}: {kind}")
    return (f"func.func @{operation}_{number}({', '.join(arguments)}) {{\n"
            f"{block}  return\n}}\n")


def main():
    blocks = [block for path in sys.argv[1:] for block in examples(path)]
    if not blocks:
        sys.exit("no examples")
    for number, block in enumerate(blocks):
        print(function(block, number))
        print("// -----")  # for -split-input-file: names may come again


main()
