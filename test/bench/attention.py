#!/usr/bin/python3
"""The attention kernel alone, in percent of the multiply-adds that this machine
can do, counting only keys that a row may see.

    attention.py [BUILD] [--heads 12] [--kv-heads 12] [--dim 64] [--tile 6,4,16]

A kernel of its own goes through transformer-opt and LLVM; attention.c calls it."""
import argparse
import os
import re
import shutil
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
LLVM = "/usr/lib/llvm-22/bin/"
LENGTHS = (128, 512, 1024, 2048)
REGISTER_TILES = 4  # as compiler/Kernels/EmitLoops.h says
KERNEL = """\
func.func @attention_step(%step: !kernel.step) {{
  %zero = arith.constant 0 : index
  %far = arith.constant {far} : index
  %q = kernel.buffer scratch of %step[%zero] : memref<{context}x{q}xf32>
  %o = kernel.buffer scratch of %step[%far] : memref<{context}x{q}xf32>
  kernel.attention %step(%q : memref<{context}x{q}xf32>) slot %zero into (%o : memref<{context}x{q}xf32>)
      attributes {{heads = {heads} : i64, mask = #kernel.mask<causal>, scale = 0.125 : f64,
                  cache = #kernel.cache<blocks = {blocks}, kvHeads = {kv_heads}, headDim = {dim}, valueDim = {dim}>,
                  schedule = #kernel.schedule<rows = {tile[0]}, vectors = {tile[1]}, lanes = {tile[2]}>}}
  return
}}
"""


def pipe(command, text):
    return subprocess.run(command, input=text, text=True, check=True,
                          stdout=subprocess.PIPE).stdout


def pass_pipeline():
    """LLVM's passes, as compiler/Emit/Object.cpp names them."""
    with open(os.path.join(SOURCE, "compiler", "Emit", "Object.cpp")) as file:
        text = file.read()
    return "".join(re.findall('"(.*?)"', re.search(
        "passPipeline =(.*?);", text, re.S).group(1)))


def build(build_folder, work, o):
    context = max(LENGTHS)
    far = context * o.heads * o.dim * 4 + 4096
    text = KERNEL.format(far=far, context=context, q=o.heads * o.dim,
                         blocks=context // 64, **vars(o))
    text = pipe([os.path.join(build_folder, "bin", "transformer-opt"),
                 "--emit-loops", "--outline-parallel-loops", "--canonicalize",
                 "--cse", "--convert-scf-to-cf", "--convert-kernel-to-llvm",
                 "--reconcile-unrealized-casts", "--canonicalize", "--cse"],
                text)
    text = pipe([LLVM + "mlir-translate", "--mlir-to-llvmir"], text)
    text = text.replace("define internal void @attention_step",
                        "define void @attention_step")
    # What transformer-compile sets: whole vectors, no calls of a C library.
    attributes = (f'"prefer-vector-width"="{o.tile[2] * 32}" '
                  f'"min-legal-vector-width"="{o.tile[2] * 32}" "no-builtins"')
    text = re.sub(r"^(define .*)\{$", rf"\1 {attributes} {{", text, flags=re.M)
    text = pipe([LLVM + "opt", "-S", f"-mcpu={o.cpu}", f"-mtriple={o.triple}",
                 f"-passes={pass_pipeline()}"], text)
    assembly = os.path.join(work, "a.s")
    pipe([LLVM + "llc", "-O3", f"-mcpu={o.cpu}", f"-mtriple={o.triple}",
          "-relocation-model=pic", "-o", assembly], text)
    if o.asm:
        shutil.copy(assembly, o.asm)
    program = os.path.join(work, "attention")
    flags = {"HEADS": o.heads, "KV_HEADS": o.kv_heads, "DIM": o.dim,
             "CONTEXT": context, "TILE_ROWS": REGISTER_TILES * o.tile[0],
             "LANES": o.tile[2], "CACHE_BYTES": 4, "SCRATCH": 2 * far,
             "CACHE": 2 * context * o.kv_heads * o.dim * 4}
    subprocess.run(["cc", "-O2", "-march=native", "-I", SOURCE, "-o", program,
                    os.path.join(HERE, "attention.c"), assembly]
                   + [f"-D{k}={v}" for k, v in flags.items()], check=True)
    return program


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", nargs="?",
                        default=os.path.join(SOURCE, "build"))
    parser.add_argument("--heads", type=int, default=12)
    parser.add_argument("--kv-heads", type=int, default=12)
    parser.add_argument("--dim", type=int, default=64)
    parser.add_argument("--cpu", default="x86-64-v4")
    parser.add_argument("--triple", default="x86_64-linux-gnu")
    parser.add_argument("--tile", default="6,4,16",
                        type=lambda t: [int(n) for n in t.split(",")])
    parser.add_argument("--asm", help="keep the assembly here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        program = build(options.build, work, options)
        subprocess.run([program] + [str(n) for n in LENGTHS], check=True)


if __name__ == "__main__":
    main()
