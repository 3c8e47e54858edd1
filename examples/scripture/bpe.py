#!/usr/bin/python3
"""Byte-level byte-pair encoding: learns a vocabulary from a text and writes it
in the format that tokenizer.json readers know."""
import collections
import json
import re

# GPT-2's pre-tokeniser; the text is ASCII, so \p{L} and \p{N} are spelt out.
WORDS = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d| ?[A-Za-z]+| ?[0-9]+"
                   r"| ?[^\sA-Za-z0-9]+|\s+(?!\S)|\s+")
END = "<|endoftext|>"


def byte_letters():
    """The printable letter that stands for each byte, as in GPT-2."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = {byte: chr(byte) for byte in plain}
    others = [byte for byte in range(256) if byte not in letters]
    letters.update((byte, chr(256 + i)) for i, byte in enumerate(others))
    return letters


def join(word, pair):
    """The word with each occurrence of the pair made one token."""
    result, i = [], 0
    while i < len(word):
        if i + 1 < len(word) and (word[i], word[i + 1]) == pair:
            result.append(word[i] + word[i + 1])
            i += 2
        else:
            result.append(word[i])
            i += 1
    return tuple(result)


def learn(texts, size):
    """The merges of a vocabulary of `size` tokens, the most frequent pair first
    (of equal ones the alphabetically first)."""
    letters = byte_letters()
    counts = collections.Counter(
        word for text in texts for word in WORDS.findall(text))
    words = [(tuple(letters[b] for b in word.encode()), count)
             for word, count in sorted(counts.items())]
    pairs, places = collections.Counter(), collections.defaultdict(set)
    for index, (word, count) in enumerate(words):
        for pair in zip(word, word[1:]):
            pairs[pair] += count
            places[pair].add(index)

    merges = []
    while len(merges) < size - 256 - 1:
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        for index in places.pop(best):
            word, count = words[index]
            merged = join(word, best)
            for pair in zip(word, word[1:]):
                pairs[pair] -= count
            for pair in zip(merged, merged[1:]):
                pairs[pair] += count
                places[pair].add(index)
            words[index] = (merged, count)
        del pairs[best]
    return merges


class Tokenizer:
    def __init__(self, merges):
        self.letters = byte_letters()
        self.bytes = {letter: byte for byte, letter in self.letters.items()}
        self.tokens = sorted(self.letters.values())
        self.tokens += [a + b for a, b in merges] + [END]
        self.ids = {token: i for i, token in enumerate(self.tokens)}
        self.merges = merges
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.end = self.ids[END]
        self.known = {}

    def encode_word(self, word):
        if word not in self.known:
            parts = tuple(self.letters[b] for b in word.encode())
            while len(parts) > 1:
                pair = min(zip(parts, parts[1:]),
                           key=lambda p: self.ranks.get(p, len(self.ranks)))
                if pair not in self.ranks:
                    break
                parts = join(parts, pair)
            self.known[word] = [self.ids[part] for part in parts]
        return self.known[word]

    def encode(self, text):
        return [i for word in WORDS.findall(text)
                for i in self.encode_word(word)]

    def decode(self, ids):
        text = "".join(self.tokens[i] for i in ids if i != self.end)
        return bytes(self.bytes[c] for c in text).decode(errors="replace")

    def save(self, path):
        end = {"id": self.end, "content": END, "single_word": False,
               "lstrip": False, "rstrip": False, "normalized": False,
               "special": True}
        byte_level = {"type": "ByteLevel", "add_prefix_space": False,
                      "trim_offsets": True, "use_regex": True}
        model = {"type": "BPE", "dropout": None, "unk_token": None,
                 "continuing_subword_prefix": None, "end_of_word_suffix": None,
                 "fuse_unk": False, "vocab": self.ids,
                 "merges": [f"{a} {b}" for a, b in self.merges]}
        whole = {"version": "1.0", "truncation": None, "padding": None,
                 "added_tokens": [end], "normalizer": None,
                 "pre_tokenizer": byte_level, "post_processor": None,
                 "decoder": byte_level, "model": model}
        with open(path, "w") as file:
            json.dump(whole, file, indent=1, ensure_ascii=False)
            file.write("\n")
