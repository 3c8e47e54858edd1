"""Compiles the models of specs/ and runs what comes out."""
import json
import os
import re
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))


class Refused(Exception):
    """The compiler says that it cannot make this model."""


def refusal(errors):
    found = re.search(r"error: (.*)", errors)
    return found.group(1) if found else errors.strip()


class Own:
    def __init__(self, compiler, folder):
        self.compiler, self.folder = os.path.abspath(compiler), folder
        self.programs = {}
        self.roof = os.path.join(folder, "roof")
        subprocess.run(["cc", "-O2", "-march=native", "-pthread",
                        os.path.join(HERE, "roof.c"), "-o", self.roof],
                       check=True)

    def spec(self, name, replace=(), end=""):
        """A spec with some words replaced; its path."""
        with open(os.path.join(HERE, "specs", name + ".yaml")) as file:
            text = file.read() + end
        for old, new in replace:
            text = text.replace(old, str(new))
        label = "-".join([name] + [str(new) for _, new in replace])
        path = os.path.join(self.folder, re.sub(r"[^\w-]", "_", label)
                            + ".yaml")
        with open(path, "w") as file:
            file.write(text)
        return path

    def program(self, name, *flags, replace=()):
        """The program of a model, compiled once."""
        key = (name, *flags, *replace)
        if key not in self.programs:
            path = os.path.join(self.folder, f"model{len(self.programs)}")
            made = subprocess.run(
                [self.compiler, self.spec(name, replace), "-o", path, *flags],
                capture_output=True, text=True)
            self.programs[key] = (path if made.returncode == 0 else None,
                                  refusal(made.stderr))
        path, why = self.programs[key]
        if not path:
            raise Refused(why)
        return path

    def forget(self):
        """Removes the programs and their weights."""
        for path, _ in self.programs.values():
            for file in (path, path and path + ".weights"):
                if file and os.path.exists(file):
                    os.remove(file)
        self.programs = {}

    def bench(self, program, threads, *flags):
        result = subprocess.run(
            [program, "bench", "--json", "--threads", str(threads),
             *map(str, flags)], capture_output=True, text=True, check=True)
        return json.loads(result.stdout)

    def limits(self, threads):
        return json.loads(subprocess.run(
            [self.roof, str(threads)], capture_output=True, text=True,
            check=True).stdout)


def timed(words):
    """Seconds, most resident bytes and standard error of a command."""
    start = time.perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, text=True)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise Refused(refusal(errors))
    return time.perf_counter() - start, 1024 * usage.ru_maxrss, errors
