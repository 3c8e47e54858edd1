#!/usr/bin/python3
"""GGUF files: the published stories260K in four types, blocks of every format
against the definition in float64, and those that stay as they are to the bit."""
import os
import re

import numpy as np

import decoders
import harness
from checkpoints import RandomWeights, save_gguf
from families import llama, published
from harness import case, check, close
from llama_cpp import metadata_of, tensors_of

FOLDER = os.path.join(harness.MODELS, "gguf")
VOCAB, WIDTH = 201, 256
# Types of the published files that are not kept. (Rows of 64 values are no
# whole blocks of Q4_K, for which llama.cpp takes others.)
CONVERTED = {"f32": [], "F16": ["F16"], "BF16": [],
             "Q4_K_M": ["F16", "Q5_0", "Q8_0"]}


def values(name):
    return np.load(os.path.join(FOLDER, name + ".npy"))


def numbers(kind):
    path = os.path.join(FOLDER, f"stories260K-{kind}.gguf")
    program = harness.Program(harness.need(path), "stories_" + kind)
    got = program.logits(values("tokens_random32"))
    close(f"{kind}, float64", got, values(f"dequant_f64_logits_random32_{kind}"))
    # llama.cpp rounds activations and the cache for the smaller types.
    close(f"{kind}, llama.cpp", got, values(f"llamacpp_logits_random32_{kind}"),
          1e-3 if kind == "f32" else 0.06)
    check(f"{kind}: what is converted", sorted(re.findall(
        r"of (\w+) converted to f32", program.notes)) == CONVERTED[kind],
        program.notes)


def published_text():
    numbers("f32")
    with open(os.path.join(FOLDER, "expected_greedy_200.txt"), "rb") as file:
        expected = file.read().strip()
    # The file's context is shorter than the text; --context mends it.
    path = os.path.join(FOLDER, "stories260K-f32.gguf")
    program = harness.Program(path, "stories_text", "--context=512")
    text = program("generate", "", "-n", 200, "--temperature", 0).stdout.strip()
    check("the published text", text == expected,
          "" if text == expected else repr(text))


def half(blocks, at):
    return blocks[:, at:at + 2].copy().view("<f2").astype(np.float64)


def nibbles(quants):
    return np.concatenate([quants & 15, quants >> 4], -1).astype(np.int64)


def scales_of_k4(b):
    """Eight six-bit scales and minima in twelve bytes (ggml-quants.h)."""
    low, middle, high = b[:, 0:4], b[:, 4:8], b[:, 8:12]
    scale = np.concatenate([low & 63, (high & 15) | (low >> 6) << 4], -1)
    least = np.concatenate([middle & 63, (high >> 4) | (middle >> 6) << 4], -1)
    return scale.astype(np.int64), least.astype(np.int64)


def two_bits(quants):
    """[..., 64] bytes to 256 values: of each 32 bytes four rows of pairs."""
    q = quants.reshape(len(quants), 2, 1, 32)
    return (q >> (2 * np.arange(4)).reshape(1, 1, 4, 1) & 3).reshape(
        len(quants), 256).astype(np.int64)


def bits(flags):
    """[..., 4] bytes to 32 bits."""
    return np.unpackbits(flags, axis=-1, bitorder="little").astype(np.int64)


def q4_0(b):
    return half(b, 0) * (nibbles(b[:, 2:]) - 8)


def q4_1(b):
    return half(b, 0) * nibbles(b[:, 4:]) + half(b, 2)


def q5_0(b):
    return half(b, 0) * (nibbles(b[:, 6:]) + 16 * bits(b[:, 2:6]) - 16)


def q5_1(b):
    return (half(b, 0) * (nibbles(b[:, 8:]) + 16 * bits(b[:, 4:8]))
            + half(b, 2))


def q8_0(b):
    return half(b, 0) * b[:, 2:].view(np.int8)


def q2_k(b):
    scales = np.repeat(b[:, :16], 16, -1)
    return (half(b, 80) * (scales & 15) * two_bits(b[:, 16:80])
            - half(b, 82) * (scales >> 4))


def q3_k(b):
    high = bits(b[:, :32].reshape(len(b), 32, 1)).transpose(0, 2, 1)
    packed = b[:, 96:108]
    scale = nibbles(packed[:, :8]).astype(np.int64)
    pairs = packed[:, None, 8:] >> (2 * np.arange(4)).reshape(1, 4, 1) & 3
    scale = scale + 16 * pairs.reshape(len(b), 16) - 32
    q = two_bits(b[:, 32:96]) + 4 * high.reshape(len(b), 256) - 4
    return half(b, 108) * np.repeat(scale, 16, -1) * q


def q4_k(b, high=0):
    scale, least = scales_of_k4(b[:, 4:16])
    quants = b[:, -128:].reshape(len(b), 4, 32)
    q = np.stack([quants & 15, quants >> 4], 2).reshape(len(b), 8, 32) + high
    y = (half(b, 0)[..., None] * scale[..., None] * q
         - half(b, 2)[..., None] * least[..., None])
    return y.reshape(len(b), 256)


def q5_k(b):
    flags = bits(b[:, 16:48].reshape(len(b), 32, 1)).transpose(0, 2, 1)
    return q4_k(b, 16 * flags)


def q6_k(b):
    low = b[:, :128].reshape(len(b), 2, 1, 64)
    low = np.concatenate([low & 15, low >> 4], 2).reshape(len(b), 256)
    high = b[:, 128:192].reshape(len(b), 2, 1, 32)
    high = (high >> (2 * np.arange(4)).reshape(1, 1, 4, 1) & 3)
    q = low.astype(np.int64) + 16 * high.reshape(len(b), 256) - 32
    scales = b[:, 192:208].view(np.int8)
    return half(b, 208) * np.repeat(scales, 16, -1) * q


# Number of the type, values and bytes of a block, places of the halves.
FORMATS = {
    "Q4_0": (2, 32, 18, (0,), q4_0), "Q4_1": (3, 32, 20, (0, 2), q4_1),
    "Q5_0": (6, 32, 22, (0,), q5_0), "Q5_1": (7, 32, 24, (0, 2), q5_1),
    "Q8_0": (8, 32, 34, (0,), q8_0), "Q2_K": (10, 256, 84, (80, 82), q2_k),
    "Q3_K": (11, 256, 110, (108,), q3_k),
    "Q4_K": (12, 256, 144, (0, 2), q4_k),
    "Q5_K": (13, 256, 176, (0, 2), q5_k),
    "Q6_K": (14, 256, 210, (208,), q6_k),
}


def compiled_table(name, number, data, dtype="f32", cut="", shape=None):
    """A program whose logits are the beginnings of the embedding's rows, `cut`
    out of a tensor."""
    file = os.path.join(harness.work, name + ".gguf")
    save_gguf(file, {}, {
        "table": (number, shape or (VOCAB, WIDTH), data),
        "one": (0, (VOCAB, WIDTH), np.eye(VOCAB, WIDTH, dtype="<f4"))})
    spec = os.path.join(harness.work, name + ".yaml")
    with open(spec, "w") as out:
        out.write(f"""model: {name.lower()}
dim: {WIDTH}
context: {VOCAB}
vocab: {VOCAB}
layers:
  - embed: {{dtype: {dtype}}}
  - logits
weights:
  files: [{name}.gguf]
  names: {{"embed.weight": "table{cut}", "logits.weight": "one"}}
""")
    return harness.Program(spec, name.lower())


def drawn_blocks(name, count):
    number, _, size, halves, _ = FORMATS[name]
    generator = np.random.default_rng(number)
    data = generator.integers(256, size=(count, size)).astype(np.uint8)
    for at in halves:
        scale = generator.uniform(-1, 1, count).astype("<f2")
        data[:, at:at + 2] = scale.view(np.uint8).reshape(count, 2)
    return data


def stacked(name):
    """A matrix out of a tensor that holds several."""
    number, per, _, _, decode = FORMATS[name]
    shape = 3, VOCAB, WIDTH
    data = drawn_blocks(name, 3 * VOCAB * WIDTH // per)
    table = decode(data).reshape(shape)[1]
    program = compiled_table(f"stacked_{name}", number, data,
                             cut="[1:2, :, :]", shape=shape)
    close(f"{name} blocks in a stack", program.logits(np.arange(VOCAB)),
          table[:, :VOCAB], 1e-6)


def blocks(name):
    number, per, _, _, decode = FORMATS[name]
    data = drawn_blocks(name, VOCAB * WIDTH // per)
    table = decode(data).reshape(VOCAB, WIDTH)
    program = compiled_table(name, number, data)
    got = program.logits(np.arange(VOCAB))
    close(f"{name} blocks", got, table[:, :VOCAB], 1e-6)
    check(f"{name} blocks: the compiler says so", program.notes.endswith(
        f"{name}.gguf: 1 tensor of {name} converted to f32"), program.notes)


def packed(dtype, scales, q):
    """Blocks of Q8_0 or Q4_0: a half, then 32 integers."""
    halves = scales.astype("<f2").view(np.uint8).reshape(-1, 2)
    low, high = (q[:, :16] + 8).astype(np.uint8), (q[:, 16:] + 8).astype(np.uint8)
    return np.concatenate([halves, q.astype(np.int8).view(np.uint8)
                           if dtype == "int8" else low | high << 4], 1)


def kept(name, dtype):
    """Blocks whose largest integer is anything and whose scale is any f16,
    subnormal and negative ones too, are held to the last bit."""
    number, per, _, _, decode = FORMATS[name]
    draw = np.random.default_rng(number)
    count = VOCAB * WIDTH // per
    most, least = (127, -128) if dtype == "int8" else (7, -8)
    reach = draw.integers(0, -least + 1, (count, 1))
    q = draw.integers(-reach, reach + 1, (count, per))
    q[:, 3:4] = reach * draw.choice([-1, 1], (count, 1))
    # All multiples of one number, the range's end, nothing.
    q[::7] = q[::7] // 3 * 3
    q[5::11, 9] = least
    q[3::50] = 0
    q = np.clip(q, least, most)
    bits = draw.integers(0, 0x7000, count)
    bits[::3] = draw.integers(1, 0x400, len(bits[::3]))
    bits |= 0x8000 * draw.integers(0, 2, count)
    data = packed(dtype, bits.astype("<u2").view("<f2"), q)
    table = decode(data).reshape(VOCAB, WIDTH)
    program = compiled_table(f"kept_{name}", number, data, dtype)
    got = program.logits(np.arange(VOCAB))
    wrong = np.sum(got != table[:, :VOCAB])
    check(f"{name} kept as {dtype}", wrong == 0, f"{count} blocks, to the bit"
          if wrong == 0 else f"{wrong} of {got.size} values differ")
    check(f"{name} kept as {dtype}: no conversion is noted",
          program.notes == "", program.notes)


def cut_blocks(shape, cut, keeps):
    """A tensor of our format whose blocks a cut tears apart is converted."""
    draw = np.random.default_rng(17)
    count = shape[0] * shape[1] // 32
    q = draw.integers(-127, 128, (count, 32))
    q[:, 7] = 127
    data = packed("int8", draw.uniform(0.5, 1, count).astype("<f2"), q)
    table = q8_0(data).reshape(shape)
    program = compiled_table(f"cut{shape[0]}x{shape[1]}{keeps}".lower(), 8,
                             data, "int8", cut, shape)
    want = eval("table" + cut)[:, :VOCAB]
    got = program.logits(np.arange(VOCAB))
    # Of other groups each value moves by at most half a step, for which 1/127
    # to 1/120 of the largest are tried.
    close(f"Q8_0{cut} as int8", got, want, 0 if keeps else 1 / 240)
    said = "" if keeps else "1 tensor of Q8_0 converted to int8"
    check(f"Q8_0{cut} as int8: what is converted", keeps == (not program.notes)
          and program.notes.endswith(said), program.notes)


def imported(name, dtype, experts=0):
    """A model in blocks is compiled in the format that is the same: its packed
    matrices are those of a file that has the values as floats. Routers are
    floats in both."""
    number, per, _, _, decode = FORMATS[name]
    family = "Mixtral-8x7B-v0.1" if experts else "tinyllama_1b_chat_v1.0"
    config = published(family) | decoders.SMALL | {
        "hidden_size": 64, "intermediate_size": 96, "num_attention_heads": 4,
        "num_key_value_heads": 2, "num_local_experts": experts,
        "num_experts_per_tok": 2}
    weights = RandomWeights(0)
    llama(config, weights, [0])
    keys = metadata_of("llama", config, rope__dimension_count=16,
                       attention__layer_norm_rms_epsilon=1e-5,
                       expert_count=experts, expert_used_count=2)
    blocks, floats = {}, {}
    for tensor, (_, shape, value) in tensors_of(config, "llama",
                                                weights).items():
        if len(shape) == 1 or "ffn_gate_inp" in tensor:
            blocks[tensor] = floats[tensor] = 0, shape, value
            continue
        groups = value.reshape(-1, per)
        # A quantiser that does not reach for the ends of the range.
        scales = np.abs(groups).max(1) / {"int8": 101, "int4": 6}[dtype]
        q = np.rint(groups / scales.astype("<f2")[:, None]).astype(int)
        data = packed(dtype, scales, q)
        blocks[tensor] = number, shape, data
        floats[tensor] = 0, shape, decode(data).astype("<f4")
    programs = []
    for kind, tensors, flags in (("blocks", blocks, ()),
                                 ("floats", floats, (f"--weights={dtype}",))):
        folder = os.path.join(harness.work, f"{kind}_{name}_{experts}")
        os.makedirs(folder)
        path = os.path.join(folder, "m.gguf")
        save_gguf(path, keys, tensors)
        programs.append(harness.Program(path, folder + "/m", *flags))
    one, two = (open(program.path + ".weights", "rb").read()
                for program in programs)
    what = f"{name} imported as {dtype}" + (", experts" if experts else "")
    check(f"{what}: the packed values", one == two)
    check(f"{what}: no conversion is noted", programs[0].notes == "",
          programs[0].notes)
    matrices = sum(kind == number for kind, _, _ in blocks.values())
    check(f"{what}: one of floats is", programs[1].notes
          .endswith(f"m.gguf: {matrices} tensors of F32 converted to {dtype}"),
          programs[1].notes)


def damaged():
    """Cut anywhere: an error in one line, never a crash."""
    with open(os.path.join(FOLDER, "stories260K-Q4_K_M.gguf"), "rb") as file:
        whole = file.read()
    path = os.path.join(harness.work, "cut.gguf")
    for size in (0, 3, 4, 23, 24, 500, 5000, 20000, len(whole) - 99):
        with open(path, "wb") as file:
            file.write(whole[:size])
        result = harness.shell(harness.compiler, path, "-o",
                               os.path.join(harness.work, "cut"))
        check(f"cut to {size} bytes", result.returncode == 1
              and b"cut.gguf: " in result.stderr, result.stderr.decode())


def main():
    for name in FORMATS:
        case(name, blocks, name)
        case("stacked", stacked, name)
    for name, dtype in (("Q8_0", "int8"), ("Q4_0", "int4")):
        case("kept", kept, name, dtype)
        case("imported", imported, name, dtype)
        case("imported", imported, name, dtype, 3)
    case("whole groups", cut_blocks, (VOCAB, 288), "[:, 32:288]", True)
    case("torn groups", cut_blocks, (VOCAB, 320), "[:, 16:272]", False)
    case("transposed", cut_blocks, (WIDTH, 224), "[:, 0:201].T", False)
    harness.need(FOLDER)
    case("text", published_text)
    for kind in ("F16", "BF16", "Q4_K_M"):
        case(kind, numbers, kind)
    case("damaged", damaged)


if __name__ == "__main__":
    harness.main(main)
