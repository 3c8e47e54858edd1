"""One row of a table: a figure, its limit, the peers, and what must hold."""


class Row:
    """`own` in `unit`; all figures are times or sizes: less is better."""

    def __init__(self, work, threads, own=None, unit="ms", refused=""):
        self.work, self.threads = work, threads
        self.own, self.unit, self.refused = own, unit, refused
        self.notes, self.missed, self.goals = [], 0, 0

    def goal(self, text, got, wanted, least, form="{:.2f}"):
        """Notes a figure, and whether it is at least (or most) `wanted`."""
        note = f"{text} {form.format(got)}" if text else "itself"
        if wanted is not None:
            good = got >= wanted if least else got <= wanted
            self.goals += 1
            self.missed += not good
            note += f" ({'≥' if least else '≤'} {form.format(wanted)})"
            if not good:
                note = f"**{note}**"
        self.notes.append(note)
        return self

    def limit(self, limit, wanted=None):
        if self.own and limit:
            self.goal(f"limit {limit:.4g}:", limit / self.own, wanted, True,
                      "{:.0%}")
        return self

    def peers(self, times, wanted):
        """Times of peers by name; `wanted` ratios by name, "" of all."""
        for name, took in times.items():
            if took and self.own:
                self.goal(f"{name} {took:.4g}:", took / self.own,
                          wanted.get(name, wanted.get("")), True, "{:.2f} ×")
        return self

    def most(self, wanted, form="{:.2f}"):
        """The figure itself must be at most this."""
        if self.own is not None:
            return self.goal("", self.own, wanted, False, form)
        return self

    def cells(self):
        if self.refused:
            return [self.work, str(self.threads), "", self.refused, ""]
        verdict = "" if not self.goals else "no" if self.missed else "yes"
        return [self.work, str(self.threads), f"{self.own:.4g} {self.unit}",
                "; ".join(note.strip() for note in self.notes), verdict]


HEAD = ["| work | threads | ours | beside it (must be) | met |",
        "|---|---|---|---|---|"]


def table(rows):
    return HEAD + [f"| {' | '.join(row.cells())} |" for row in rows]
