"""Contestants timed in turn, and the best of each."""
from own import Refused

FORMATS = {"f32": (), "bf16": ("--weights=bf16",), "int8": ("--weights=int8",),
           "int4": ("--weights=int4",)}


class Best(dict):
    """The least value of each (name, metric); `limits` are those measured just
    before and after it, the higher of the two."""

    def __init__(self):
        super().__init__()
        self.limits = {}

    def add(self, name, found, before, after):
        for metric, value in found.items():
            key = name, metric
            if key not in self or value < self[key]:
                self[key] = value
                self.limits[key] = {limit: max(before[limit], after[limit])
                                    for limit in before}

    def of(self, metric, *names):
        return {name: self[name, metric] for name in names
                if (name, metric) in self}


def race(bench, threads, contestants):
    """Times all in turn, round by round, so that a disturbance hits all alike;
    the best figure of each counts. Also what was refused, and why."""
    best, refused = Best(), {}
    before = bench.own.limits(threads)
    for _ in range(bench.rounds):
        for name, run in contestants.items():
            try:
                found = run()
            except Refused as error:
                refused[name] = str(error)
                continue
            after = bench.own.limits(threads)
            best.add(name, found, before, after)
            before = after
    return best, refused


def own_prefill(bench, threads, lengths, repeat, *flags, model="gpt2",
                replace=()):
    def run():
        program = bench.own.program(model, *flags, replace=replace)
        found = {}
        for rows in lengths:
            result = bench.own.bench(program, threads, "--prefill", rows,
                                     "--decode", 0, "--repeat", repeat)
            found[f"prefill_{rows}"] = result["prefill_best_ms"]
        return found
    return run
