"""Weights for the tests: random values by name, and safetensors files."""
import json
import struct
import zlib

import numpy as np


def to_bf16(values):
    """The upper halves of the float32 values, rounded to nearest even."""
    bits = np.asarray(values, "<f4").view("<u4").astype(np.uint64)
    return ((bits + 0x7FFF + (bits >> 16 & 1)) >> 16).astype("<u2")


def from_bf16(halves):
    return (np.asarray(halves, "<u2").astype("<u4") << 16).view("<f4")


def pack(values, dtype):
    if dtype == "BF16":
        return to_bf16(values)
    return np.asarray(values, {"F32": "<f4", "F16": "<f2"}[dtype])


def unpack(stored, dtype):
    stored = from_bf16(stored) if dtype == "BF16" else stored
    return stored.astype(np.float64)


def quantised(values, bits):
    """Near values that are integers of so many bits times an f16, one for 32
    neighbours of a row, with the largest at an end of the range: any packer
    that looks there for the scale holds them exactly."""
    end = {8: 127, 4: -8}[bits]
    result = np.empty_like(values)
    for begin in range(0, values.shape[1], 32):
        part = values[:, begin:begin + 32]
        place = np.abs(part).argmax(1)
        scale = (part[np.arange(len(part)), place] / end).astype(np.float16)
        scale = scale.astype(np.float64)[:, None]
        most = 127 if bits == 8 else 7
        whole = np.clip(np.rint(part / scale), -127 if bits == 8 else -8, most)
        result[:, begin:begin + 32] = whole * scale
    return result


class RandomWeights:
    """Values for whatever names are asked for, such that rows keep their size
    and the softmax is far from flat; rounded to the dtype of the file. Each
    value depends on its name and the seed alone. Matrices for which
    `format_of(name, columns)` says a format hold what it holds; integers have
    their groups across each of `turned_of(name)` heads."""

    def __init__(self, seed=0, dtype="F32",
                 format_of=lambda name, columns: None,
                 turned_of=lambda name: 0):
        self.seed, self.dtype, self.format_of = seed, dtype, format_of
        self.turned_of = turned_of
        self.stored, self.values = {}, {}

    def __call__(self, name, *shape):
        if name not in self.values:
            generator = np.random.default_rng(
                [self.seed, zlib.crc32(name.encode())])
            values = generator.standard_normal(shape)
            if len(shape) == 2:
                if "feature" not in name:  # those are standard normal
                    values *= 0.3 if "embed" in name else 1.3 / shape[1] ** 0.5
            elif "bias" in name:
                values = 0.2 * values + 3 * ("decay" in name)
            else:
                values = 1 + 0.2 * values
            format = self.format_of(name, shape[1]) if len(shape) == 2 else None
            if format == "bf16":
                values = from_bf16(to_bf16(values))
            elif format in ("int8", "int4"):
                heads = self.turned_of(name)
                each = values.reshape(heads or 1, -1, shape[1])
                if heads:
                    each = each.transpose(0, 2, 1)
                each = quantised(each.reshape(-1, each.shape[-1]),
                                 int(format[3:])).reshape(each.shape)
                values = (each.transpose(0, 2, 1) if heads
                          else each).reshape(shape)
            self.stored[name] = pack(values, self.dtype)
            self.values[name] = unpack(self.stored[name], self.dtype)
        assert self.values[name].shape == shape, (name, shape)
        return self.values[name]

    def save(self, path):
        save(path, {name: (self.dtype, value)
                    for name, value in self.stored.items()})


def save(path, tensors):
    """A safetensors file of {name: (dtype, stored array)}."""
    header, blobs, end = {}, [], 0
    for name, (dtype, value) in tensors.items():
        blob = np.ascontiguousarray(value).tobytes()
        header[name] = {"dtype": dtype, "shape": list(value.shape),
                        "data_offsets": [end, end + len(blob)]}
        blobs.append(blob)
        end += len(blob)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))


GGUF_NUMBER, GGUF_FLOAT, GGUF_TEXT, GGUF_LIST = 4, 6, 8, 9


def save_gguf(path, metadata, tensors):
    """A GGUF file of {key: number, text or list} and {name: (type's number,
    row-major shape, stored array)}."""
    def text(value):
        data = value.encode() if isinstance(value, str) else value
        return struct.pack("<Q", len(data)) + data

    def plain(value):
        if isinstance(value, bool):
            return 7, struct.pack("<?", value)
        if isinstance(value, int):
            return GGUF_NUMBER, struct.pack("<I", value)
        if isinstance(value, float):
            return GGUF_FLOAT, struct.pack("<f", value)
        return GGUF_TEXT, text(value)

    def typed(value):
        if not isinstance(value, list):
            kind, data = plain(value)
            return struct.pack("<I", kind) + data
        kind = plain(value[0])[0]
        return (struct.pack("<IIQ", GGUF_LIST, kind, len(value))
                + b"".join(plain(item)[1] for item in value))

    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(metadata))
    head += b"".join(text(key) + typed(value)
                     for key, value in metadata.items())
    data = b""
    for name, (kind, shape, value) in tensors.items():
        data += b"\0" * (-len(data) % 32)
        head += text(name) + struct.pack("<I", len(shape))
        head += struct.pack(f"<{len(shape)}Q", *reversed(shape))
        head += struct.pack("<IQ", kind, len(data))
        data += np.ascontiguousarray(value).tobytes()
    with open(path, "wb") as file:
        file.write(head + b"\0" * (-len(head) % 32) + data)


def load(path):
    """{name: float64 array} of a safetensors file."""
    with open(path, "rb") as file:
        data = file.read()
    length, = struct.unpack_from("<Q", data)
    header = json.loads(data[8:8 + length])
    kinds = {"F32": "<f4", "F16": "<f2", "BF16": "<u2"}
    result = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        stored = np.frombuffer(data[8 + length + begin:8 + length + end],
                               kinds[entry["dtype"]]).reshape(entry["shape"])
        result[name] = unpack(stored, entry["dtype"])
    return result
