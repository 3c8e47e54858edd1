"""The checksum of runtime/checksum.c from its definition, on Python integers.

Prints the lines of ChecksumTest.cpp.
"""

PRIME = 0x9E3779B97F4A7C15
MASK = 2**64 - 1


def mix(lane, word):
    product = (lane ^ word) * PRIME & MASK
    return (product << 29 | product >> 35) & MASK


def checksum(data):
    lanes = [PRIME * (i + 1) & MASK for i in range(8)]
    padded = data + bytes(-len(data) % 64)
    for at in range(0, len(padded), 8):
        lane = at // 8 % 8
        lanes[lane] = mix(lanes[lane], int.from_bytes(padded[at : at + 8], "little"))
    total = PRIME
    for lane in lanes:
        total = mix(total, lane)
    total = mix(total, len(data))
    return mix(total, total >> 32)


for size in (0, 1, 7, 8, 63, 64, 65, 1000):
    value = checksum(bytes((i * 7 + 3) % 256 for i in range(size)))
    print(f"  EXPECT_EQ(sum(ramp({size})), 0x{value:016x}u);")
