"""Writes the checkpoints of the examples."""
import json
import os
import struct


def save(path, dtype, arrays):
    """A safetensors file of NumPy arrays that hold values of one type ("F32",
    "BF16")."""
    header, blobs, end = {}, [], 0
    for name, value in arrays.items():
        blob = value.tobytes()
        header[name] = {"dtype": dtype, "shape": list(value.shape),
                        "data_offsets": [end, end + len(blob)]}
        blobs.append(blob)
        end += len(blob)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path + ".part", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))
    os.replace(path + ".part", path)
