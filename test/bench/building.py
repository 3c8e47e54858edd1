"""Sections on compiling and starting: each yields its rows."""
import glob
import os
import re
import statistics
import subprocess
import time

from own import Refused, timed
from race import FORMATS
from rows import Row


def compiling(bench):
    """Specs to assembly: everything but the packing of weights."""
    for name, label, replace in (
            ("gpt2", "GPT-2", ()),
            ("gpt2", "GPT-2 of 96 layers", (("repeat: 12", "repeat: 96"),)),
            ("llama8b", "LLaMA 8B", ())):
        path = bench.own.spec(name, replace)
        runs = [timed([bench.own.compiler, path, "--emit=asm", "-o",
                       os.devnull])[:2] for _ in range(bench.rounds + 1)]
        yield Row(f"compile {label}", 1, min(s for s, _ in runs), "s") \
            .most(1)
        yield Row(f"compile {label}, memory", 1,
                  max(size for _, size in runs) / 1e6, "MB").most(300, "{:.0f}")
    yield from packing(bench)


def packing(bench):
    import checkpoint
    source = os.path.join(bench.own.folder, "packed.safetensors")
    size = checkpoint.save_gpt2(source)
    path = bench.own.spec("gpt2", end="weights:\n  files: "
                          "[packed.safetensors]\n")
    for form, flags in FORMATS.items():
        rates = []
        try:
            for _ in range(bench.rounds + 1):
                errors = timed([bench.own.compiler, path, "--emit=obj", "-v",
                                "-o", path + ".out", *flags])[2]
                found = re.search(r"([\d.]+) s +pack weights", errors)
                rates.append(size / float(found.group(1)) / 1e9)
        except Refused as error:
            yield Row(f"pack {size / 1e6:.0f} MB as {form}", "all",
                      refused=str(error))
            continue
        finally:
            for file in glob.glob(path + ".out*"):
                os.remove(file)
        yield Row(f"pack {size / 1e6:.0f} MB as {form}", "all",
                  size / max(rates) / 1e9, "s") \
            .goal("GB/s", max(rates), 1, True)
    os.remove(source)


def start(bench):
    """From the command to the first token, less the prompt itself."""
    program = bench.own.program("gpt2")
    for threads in bench.threads:
        tokens = ",".join(str(i * 7 % 30000) for i in range(128))
        waits = []
        for _ in range(3 * bench.rounds + 1):
            begin = time.perf_counter()
            errors = subprocess.run(
                [program, "generate", "--tokens", tokens, "-n", "1",
                 "--threads", str(threads)], capture_output=True, text=True,
                check=True).stderr
            wall = time.perf_counter() - begin
            prompt = float(re.search(r"tokens in (\d+) ms", errors).group(1))
            waits.append(wall - prompt / 1e3)
        yield Row("GPT-2 f32, start to first token besides the prompt",
                  threads, statistics.median(waits[1:]), "s").most(.15)
