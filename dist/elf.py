"""Whether a program for Linux is static: whether a system that has nothing but a kernel can start it."""

import struct
from pathlib import Path

INTERPRETER = 3


class NotElf(ValueError):
    """The file is no program for 64-bit Linux."""


def loader(path: Path) -> str | None:
    """The program that the system must have to load this one and its libraries; none where it is static.

    Read from the program headers of a 64-bit little-endian ELF file, as `elf(5)` describes them.
    """
    data = path.read_bytes()
    if data[:6] != b"\x7fELF\x02\x01":
        raise NotElf(f"{path} is no program for 64-bit Linux")
    at, size, count = struct.unpack_from("<32xQ14xHH", data)
    headers = [struct.unpack_from("<II3QQ", data, at + index * size) for index in range(count)]
    named = (data[offset : offset + length] for kind, _, offset, _, _, length in headers if kind == INTERPRETER)
    return next((name.rstrip(b"\0").decode() for name in named), None)
