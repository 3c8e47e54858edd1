#!/usr/bin/python3
"""Other machines: which instructions objects hold, which programs are refused,
what the options --target and --mcpu accept."""
import os
import re
import shutil

import harness
from bits import MODELS
from harness import Program, check, case, must, shell


def spec_file():
    path = os.path.join(harness.work, "spec.yaml")
    if not os.path.exists(path):
        harness.write_spec(path, MODELS["gpt2"])
    return path


def object_of(*flags):
    path = os.path.join(harness.work, "".join(filter(str.isalnum, str(flags))))
    must(harness.compiler, spec_file(), "-c", "-o", path, *flags)
    return path + ".o"


def code(path, prefix=""):
    dump = must(prefix + "objdump", "-d", "--no-show-raw-insn", path)
    return dump.stdout.decode()


def undefined(path, prefix=""):
    return must(prefix + "nm", "-u", path).stdout.decode().split()


def tile_is_clean(what, text, multiply, spill):
    """The loop of the widest tile: every accumulator in a register."""
    lines = [line.split("\t", 1) for line in text.splitlines() if "\t" in line]
    at = {line[0].strip(" :"): i for i, line in enumerate(lines)}
    best = (0, 0)
    for end, (_, text) in enumerate(lines):
        jump = re.match(r"(?:j|b)[a-z.]*\s+([0-9a-f]+)\s", text)
        begin = at.get(jump.group(1), end) if jump else end
        if end - 60 < begin < end:
            body = [line for _, line in lines[begin:end]]
            best = max(best, (sum(bool(re.match(multiply, x)) for x in body),
                              -sum(bool(re.search(spill, x)) for x in body)))
    check(f"{what}: {best[0]} multiplications in the loop of the widest tile",
          best[0] >= 12)
    check(f"{what}: nothing of it on the stack", best[1] == 0, str(-best[1]))


def avx2():
    path = object_of("--mcpu=x86-64-v3")
    text = code(path)
    found = set(re.findall(r"%zmm\d+|%k[0-7]|%[xy]mm(?:1[6-9]|2\d|3[01])\b",
                           text))
    check("an x86-64-v3 object has no AVX-512", not found, str(found or ""))
    check("an x86-64-v3 object calls nobody", not undefined(path),
          " ".join(undefined(path)))
    tile_is_clean("x86-64-v3", text, r"vfn?m(add|sub)\d+ps\s", r"%rsp")


def avx512():
    """Whatever more a CPU has, its objects need what they declare."""
    path = object_of("--mcpu=sapphirerapids")
    other = r"\bv?(gf2p8|vpdp|vdpbf|vpopcnt|permi?2?b|pshld|pshrd)\w*|\w+ph\b"
    found = {m.group(0) for m in re.finditer(other, code(path))}
    check("an AVX-512 object is x86-64-v4", not found, str(found or ""))
    check("an AVX-512 object calls nobody", not undefined(path))


def aarch64():
    prefix = "aarch64-linux-gnu-"
    if not shutil.which(prefix + "objdump"):
        return print(f"not on this machine: {prefix}objdump")
    path = object_of("--target=aarch64-linux-gnu")
    check("an AArch64 object calls nobody", not undefined(path, prefix),
          " ".join(undefined(path, prefix)))
    tile_is_clean("AArch64", code(path, prefix), r"fmla\s", r"\[sp")


def refused_at_open():
    qemu = shutil.which("qemu-x86_64")
    if not qemu:
        return print("not on this machine: qemu-x86_64")
    for cpu, machine, missing in (("x86-64-v4", "Haswell", "AVX-512"),
                                  ("x86-64-v3", "Nehalem", "AVX2 with FMA")):
        program = Program(spec_file(), cpu, f"--mcpu={cpu}")
        result = shell(qemu, "-cpu", machine, program.path, "logits",
                       "--tokens", "1", "-o", program.path + ".npy")
        text = result.stderr.decode()
        check(f"{cpu} on {machine} is refused", result.returncode == 1
              and f"this CPU lacks {missing}" in text,
              text.strip().split("\n")[-1])


def options():
    foreign = "--target=aarch64-linux-gnu"
    for flags, message in (
            ((foreign, "--mcpu=native"),
             "cpu 'native' is this machine's, which is x86_64, but the target "
             "is 'aarch64-linux-gnu'"),
            ((foreign, "--mcpu=cortex-a77x"), "did you mean 'cortex-a77'"),
            (("--mcpu=x86-64-v2",), "x86-64 needs AVX2 and FMA"),
            (("--target=riscv64-linux-gnu",), "unsupported target"),
            (("--target=aarch64-apple-darwin",), "unsupported target"),
            (("--target=x86_64-linux-gnux32",), "unsupported target"),
            (("--target=nonsense",), "unsupported target 'nonsense'")):
        result = shell(harness.compiler, spec_file(), "--emit=asm", *flags)
        text = result.stderr.decode()
        check(f"refused: {' '.join(flags)}", result.returncode == 1
              and message in text and text.count("\n") == 1, text.strip())
    for flags in ((foreign,), (foreign, "--mcpu=cortex-a76"),
                  ("--target=aarch64",), ("--target=x86_64-linux-gnu",),
                  ("--mcpu=haswell",), ("--mcpu=znver5",)):
        must(harness.compiler, spec_file(), "--emit=asm", *flags)
        check(f"accepted: {' '.join(flags)}", True)


def main():
    for function in (avx2, avx512, aarch64, refused_at_open, options):
        case(function.__name__, function)


if __name__ == "__main__":
    harness.main(main)
