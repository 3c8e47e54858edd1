"""English number words and the digits of the same number, as tokens."""
ONES = ("zero one two three four five six seven eight nine ten eleven twelve "
        "thirteen fourteen fifteen sixteen seventeen eighteen nineteen").split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
WORDS = [*ONES, *TENS, "hundred", "thousand"]
# What is written: the digits are their own tokens.
START, END = 10, 11
LIMIT = 1_000_000


def words_of(number):
    """The words of 0 to 999,999, without "and"."""
    if number < 20:
        return [ONES[number]]
    for size, name in ((1000, "thousand"), (100, "hundred")):
        if number >= size:
            rest = words_of(number % size) if number % size else []
            return [*words_of(number // size), name, *rest]
    rest = [ONES[number % 10]] if number % 10 else []
    return [TENS[number // 10 - 2], *rest]


def source_of(number):
    return [WORDS.index(word) for word in words_of(number)]


def digits_of(number):
    return [int(digit) for digit in str(number)]


def is_held_out(number):
    """Of 500 numbers one, scattered by Knuth's multiplicative hash."""
    return (number + 1) * 2654435761 % 2 ** 32 % 500 == 0
