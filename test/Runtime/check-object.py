"""Checks a static library: size of its code and that it has no writable data.

usage: check-object.py SIZE NM LIBRARY MOST_BYTES
"""
import subprocess
import sys

size, nm, library, most = sys.argv[1:]

total = 0
for line in subprocess.check_output([size, library], text=True).splitlines()[1:]:
    text, data, bss = map(int, line.split()[:3])
    total += text
    if data or bss:
        print(f"{line.split()[5]}: {data} bytes of data, {bss} of bss")
if total > int(most):
    sys.exit(f"{library}: {total} bytes of code and constants, at most {most}")

writable = [
    line
    for line in subprocess.check_output([nm, library], text=True).splitlines()
    if len(line.split()) == 3 and line.split()[1] in "bBdDC"
]
# Tables of constant pointers are relocated once and then read-only.
writable = [line for line in writable if not line.split()[2].startswith(".L")]
if writable:
    sys.exit("writable data:\n" + "\n".join(writable))
print(f"{total} bytes of code and constants, no writable data")
