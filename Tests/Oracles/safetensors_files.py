"""Files of the safetensors format's reference writer, which the tests read and write again.

In a virtual environment: pip install safetensors numpy; then

    python3 Tests/Oracles/safetensors_files.py                 writes Tests/Oracles/safetensors/*
    python3 Tests/Oracles/safetensors_files.py --check FILE…   reads files with the reference reader

The committed files are those of safetensors 0.8.0. With more than one metadata key its writer has
no fixed order, so no file here has two.
"""

import pathlib
import sys

import numpy as np
from safetensors import TensorSpec, safe_open, serialize

FOLDER = pathlib.Path(__file__).parent / "safetensors"

# The file's name of each type, the reference's name, and the bits of three numbers: two of the
# floating-point ones are 1.5 and -2, the third is the smallest subnormal number.
TYPES = {
    "BOOL": ("bool", np.uint8, [0, 1, 1]),
    "U8": ("uint8", np.uint8, [0, 1, 255]),
    "I8": ("int8", np.int8, [0, 1, -128]),
    "I16": ("int16", np.int16, [0, 1, -32768]),
    "U16": ("uint16", np.uint16, [0, 1, 65535]),
    "F16": ("float16", np.uint16, [0x3E00, 0xC000, 1]),
    "BF16": ("bfloat16", np.uint16, [0x3FC0, 0xC000, 1]),
    "I32": ("int32", np.int32, [0, 1, -2147483648]),
    "U32": ("uint32", np.uint32, [0, 1, 4294967295]),
    "F32": ("float32", np.uint32, [0x3FC00000, 0xC0000000, 1]),
    "F64": ("float64", np.uint64, [0x3FF8000000000000, 0xC000000000000000, 1]),
    "I64": ("int64", np.int64, [0, 1, -9223372036854775808]),
    "U64": ("uint64", np.uint64, [0, 1, 18446744073709551615]),
}


def ramp(*shape):
    """0, 0.5, 1, … in the given shape."""
    count = int(np.prod(shape))
    return (np.arange(count, dtype="<f4") * 0.5).reshape(shape)


def write(name, tensors, metadata=None):
    """Writes a file of arrays, or of pairs (the reference's type name, array of bits)."""
    pairs = {
        key: value if isinstance(value, tuple) else (value.dtype.name, value)
        for key, value in tensors.items()
    }
    specifications = {
        key: TensorSpec(
            dtype=kind, shape=array.shape, data_ptr=array.ctypes.data, data_len=array.nbytes
        )
        for key, (kind, array) in pairs.items()
    }
    contents = bytes(serialize(specifications, metadata=metadata))
    (FOLDER / f"{name}.safetensors").write_bytes(contents)


def write_all():
    FOLDER.mkdir(exist_ok=True)
    write("empty", {})
    write("scalar", {"epoch": ramp()})
    write(
        "network",
        {
            "3.weight": ramp(2, 8),
            "3.bias": ramp(2),
            "0.weight": ramp(2, 1, 3, 3),
            "0.bias": ramp(2, 2, 2),
            "10.bias": ramp(1),
        },
        {"made by": "safetensors"},
    )
    write(
        "names",
        {
            "größe ⋆": ramp(2),
            "Z": ramp(1),
            "a": ramp(0, 3),
            "": ramp(1, 1),
            "😀": ramp(1),
            "\uffff": ramp(1),
            'quote " backslash \\ slash / newline \n tab \t': ramp(3),
        },
        {"controls \x01\x1f\x7f\b\f\r\n": 'text "\\" ⋆ 😀 \u2028'},
    )
    write("types", {key: (kind, np.array(bits, t)) for key, (kind, t, bits) in TYPES.items()})


def check(path):
    with safe_open(path, framework="numpy") as file:
        print(f"{path}: metadata {file.metadata()}")
        for name in file.keys():
            tensor = file.get_tensor(name)
            print(f"  {name!r} {tensor.dtype} {tensor.shape} {tensor.ravel()[:8]}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--check"]:
        for path in sys.argv[2:]:
            check(path)
    else:
        write_all()
