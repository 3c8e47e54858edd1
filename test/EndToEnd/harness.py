"""Compiles a model, runs it, compares: what every test here does.

Each test is `test.py COMPILER WORKDIR [NAME...]`, where names choose some of
its cases. It prints one line a check and ends with 0, with 1 after a failure,
or with 77 when what it needs is not there."""
import os
import shutil
import subprocess
import sys
import traceback

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
EXAMPLES = os.path.join(SOURCE, "examples")
# Published models of other projects, kept beside this one.
MODELS = os.path.join(SOURCE, "..", "shared", "models")

compiler = work = None
chosen, failures = [], []


class Failure(Exception):
    pass


def skip(why):
    print("skipped:", why)
    sys.exit(77)


def need(path):
    if not os.path.exists(path):
        skip(f"{path} is absent")
    return path


def shell(*words, timeout=300, **options):
    """Runs a command; the result has its exit code, stdout and stderr."""
    return subprocess.run([str(word) for word in words], timeout=timeout,
                          capture_output=True, **options)


def must(*words, **options):
    """The same; anything but exit code 0 is a failure of the case."""
    result = shell(*words, **options)
    if result.returncode != 0:
        raise Failure(f"exit code {result.returncode} of "
                      f"{' '.join(map(str, words))}\n"
                      f"{result.stderr.decode(errors='replace')[-2000:]}")
    return result


def verified(name):
    """The compiler's own evaluation of a spec that a case has made agrees, layer
    by layer."""
    path = os.path.join(work, name, "spec.yaml")
    result = shell(compiler, path, "--verify")
    check(f"{name}, --verify", result.returncode == 0,
          (result.stdout + result.stderr).decode().strip().splitlines()[-1])


def aarch64_launcher():
    """qemu-user, if programs for AArch64 can be linked and run here."""
    qemu = shutil.which("qemu-aarch64") or shutil.which("qemu-aarch64-static")
    if shutil.which("aarch64-linux-gnu-gcc") and qemu:
        return qemu
    print("not on this machine: aarch64-linux-gnu-gcc and qemu-aarch64")
    return None


def ids(*sequences):
    """Sequences of tokens as programs take them."""
    return ";".join(",".join(map(str, each)) for each in sequences)


class Program:
    """A compiled model; `notes` is what the compiler said."""

    def __init__(self, source, name, *flags, launcher=()):
        self.path = os.path.join(work, name)
        self.launcher = launcher
        self.notes = must(compiler, source, "-o", self.path,
                          *flags).stderr.decode().strip()

    def __call__(self, *words, **options):
        return must(*self.launcher, self.path, *words, **options)

    def said(self, *sources):
        """Sources as programs take them: ids, or a file of images or of equally
        many rows."""
        if np.asarray(sources[0]).dtype.kind != "f":
            return ids(*sources)
        path = self.path + ".source.npy"
        np.save(path, np.float32(sources if len(sources) > 1 else sources[0]))
        return path

    def encoded(self, *sources):
        """The encoder's rows of one source after another."""
        out = self.path + ".out.npy"
        self("encode", "--source", self.said(*sources), "-o", out)
        return np.load(out)

    def logits(self, *sequences_and_flags):
        """Rows x vocabulary, float32, of one sequence after another."""
        sequences = [part for part in sequences_and_flags
                     if not isinstance(part, (str, int))]
        flags = [part for part in sequences_and_flags
                 if isinstance(part, (str, int))]
        out = self.path + ".out.npy"
        self("logits", "--tokens", ids(*sequences), "-o", out, *flags)
        return np.load(out)

    def run(self, values, *flags):
        np.save(self.path + ".in.npy", np.asarray(values, np.float32))
        out = self.path + ".out.npy"
        self("run", "--input", self.path + ".in.npy", "-o", out, *flags)
        return np.load(out)


def check(what, passed, detail=""):
    print(("ok    " if passed else "FAIL  ") + what
          + (f": {detail}" if detail else ""), flush=True)
    if not passed:
        failures.append(what)


def close(what, got, expected, tolerance=1e-4):
    """The error relative to the largest value, and the same first choice
    wherever the reference's lead is above the tolerance."""
    if got.shape != expected.shape:
        return check(what, False, f"shape {got.shape}, not {expected.shape}")
    largest = np.abs(expected).max()
    error = np.abs(got - expected).max() / largest
    first = np.sort(expected, -1)
    lead = first[..., -1] - first[..., -2] if first.shape[-1] > 1 else 0
    sure = lead > 2 * tolerance * largest
    same = got.argmax(-1) == expected.argmax(-1)
    detail = f"relative error {error:.1e}"
    if not np.all(same | ~sure):
        detail += f", first choice differs in {np.sum(~same & sure)} rows"
    # Written so that a NaN fails.
    check(what, bool(error <= tolerance and np.all(same | ~sure)), detail)


def same_bits(what, got, expected):
    if got.shape != expected.shape:
        return check(what, False, f"shape {got.shape}, not {expected.shape}")
    different = np.sum(got.view(np.uint32) != expected.view(np.uint32))
    check(what, different == 0, "same bits" if different == 0 else
          f"{different} of {got.size} values differ, the most by "
          f"{np.abs(got - expected).max():.1e}")


def case(name, function, *arguments, **options):
    """Runs one case; what goes wrong in it is a failure of it alone."""
    if chosen and name not in chosen:
        return
    try:
        function(*arguments, **options)
    except Failure as failure:
        check(name, False, str(failure))
    except subprocess.TimeoutExpired as expired:
        check(name, False, f"no end of {' '.join(expired.cmd)}")
    except Exception:
        check(name, False, traceback.format_exc())


def main(function):
    global compiler, work
    if len(sys.argv) < 3:
        sys.exit(f"usage: {sys.argv[0]} COMPILER WORKDIR [NAME...]")
    compiler = os.path.abspath(sys.argv[1])
    work = os.path.join(os.path.abspath(sys.argv[2]),
                        os.path.basename(sys.argv[0]).split(".")[0])
    chosen.extend(sys.argv[3:])
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    function()
    if failures:
        print(f"{len(failures)} failed; its files are in {work}")
        sys.exit(1)
    shutil.rmtree(work)


def flow(value):
    """A value in YAML's flow style."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {flow(v)}"
                               for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return "none"
    text = str(value)
    return f'"{text}"' if set("[{,") & set(text) else text


def write_spec(path, spec):
    """A spec file: its keys below one another, each layer on a line."""
    with open(path, "w") as file:
        for key, value in spec.items():
            if key in ("layers", "encoder", "decoder"):
                file.write(f"{key}:\n" + "".join(
                    f"  - {flow(layer)}\n" for layer in value))
            else:
                file.write(f"{key}: {flow(value)}\n")
