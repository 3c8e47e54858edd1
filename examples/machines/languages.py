"""Tomita's seven regular languages over 0 and 1, each said twice: as a minimal
automaton, and as a property of strings that shares nothing with it.

M. Tomita, "Dynamic construction of finite-state automata from examples using
hill-climbing", CogSci 1982."""
import itertools
import re

# State 0 is the first; next states after 0 and after 1; accepting states.
AUTOMATA = {
    "tomita1": (((1, 0), (1, 1)), {0}),
    "tomita2": (((2, 1), (0, 2), (2, 2)), {0}),
    "tomita3": (((0, 1), (2, 0), (3, 4), (2, 1), (4, 4)), {0, 1, 3}),
    "tomita4": (((1, 0), (2, 0), (3, 0), (3, 3)), {0, 1, 2}),
    "tomita5": (((1, 2), (0, 3), (3, 0), (2, 1)), {0}),
    "tomita6": (((1, 2), (2, 0), (0, 1)), {0}),
    "tomita7": (((0, 1), (2, 1), (2, 3), (4, 3), (4, 4)), {0, 1, 2, 3}),
}


def no_odd_zeros_after_odd_ones(string):
    runs = [(run[0], len(run)) for run in re.findall("0+|1+", string)]
    return not any(one == "1" and n % 2 and m % 2
                   for (one, n), (_, m) in zip(runs, runs[1:]))


MEMBERS = {
    "tomita1": lambda s: re.fullmatch("1*", s),
    "tomita2": lambda s: re.fullmatch("(10)*", s),
    "tomita3": no_odd_zeros_after_odd_ones,
    "tomita4": lambda s: "000" not in s,
    "tomita5": lambda s: s.count("0") % 2 == 0 and s.count("1") % 2 == 0,
    "tomita6": lambda s: (s.count("0") - s.count("1")) % 3 == 0,
    "tomita7": lambda s: re.fullmatch("0*1*0*1*", s),
}

# A state is known by which of these lead from it to acceptance.
SUFFIXES = ["".join(s) for n in range(4)
            for s in itertools.product("01", repeat=n)]


def accepts(automaton, string):
    moves, accepting = automaton
    state = 0
    for symbol in string:
        state = moves[state][int(symbol)]
    return state in accepting


def isomorphic(one, other):
    """Whether two automata are the same but for the numbers of their states."""
    (moves, accepting), (other_moves, other_accepting) = one, other
    if len(moves) != len(other_moves):
        return False
    partner, pending = {0: 0}, [0]
    while pending:
        state = pending.pop()
        if (state in accepting) != (partner[state] in other_accepting):
            return False
        for symbol in (0, 1):
            after = moves[state][symbol]
            other_after = other_moves[partner[state]][symbol]
            if after not in partner:
                partner[after] = other_after
                pending.append(after)
            elif partner[after] != other_after:
                return False
    return len(set(partner.values())) == len(partner)
