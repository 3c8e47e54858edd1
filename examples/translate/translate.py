#!/usr/bin/python3
"""Writes number words as digits with the compiled model.

    translate.py PROGRAM "four hundred seven thousand thirteen" ..."""
import subprocess
import sys

from numerals import WORDS


def translate(program, text):
    source = ",".join(str(WORDS.index(word)) for word in text.split())
    out = subprocess.run([program, "translate", "--source", source],
                         check=True, stdout=subprocess.PIPE, text=True).stdout
    return out.strip().replace(",", "")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    for text in sys.argv[2:]:
        print(translate(sys.argv[1], text))
