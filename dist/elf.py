"""Which symbols of glibc a program for Linux asks for: what decides on which systems the loader starts it."""

import struct
from pathlib import Path

DYNAMIC, STRTAB, NEEDED, VERNEED_TAG, VERNEEDNUM = 2, 5, 1, 0x6FFFFFFE, 0x6FFFFFFF
LOAD = 1
Version = tuple[int, ...]


class NotElf(ValueError):
    """The file is no program for 64-bit Linux."""


def parsed(text: str) -> Version:
    return tuple(int(part) for part in text.split("."))


class Program:
    """The dynamic section of a 64-bit little-endian ELF file."""

    def __init__(self, path: Path) -> None:
        self.data = path.read_bytes()
        if self.data[:6] != b"\x7fELF\x02\x01":
            raise NotElf(f"{path} is no program for 64-bit Linux")
        at, size, count = struct.unpack_from("<32xQ14xHH", self.data, 0)
        headers = [struct.unpack_from("<IIQQQQ", self.data, at + index * size) for index in range(count)]
        # (address, offset, length) of what is mapped.
        self.mapped = [(address, offset, length) for kind, _, offset, address, _, length in headers if kind == LOAD]
        self.dynamic: list[tuple[int, int]] = []
        for kind, _, offset, _, _, length in headers:
            if kind == DYNAMIC:
                self.dynamic = list(struct.iter_unpack("<QQ", self.data[offset : offset + length]))

    def tag(self, wanted: int) -> int | None:
        return next((value for tag, value in self.dynamic if tag == wanted), None)

    def offset(self, address: int) -> int:
        for start, offset, length in self.mapped:
            if start <= address < start + length:
                return address - start + offset
        raise NotElf(f"address {address:#x} is not mapped")

    def text(self, at: int) -> str:
        start = self.offset(self.tag(STRTAB) or 0) + at
        return self.data[start : self.data.index(b"\0", start)].decode()

    def libraries(self) -> list[str]:
        return [self.text(value) for tag, value in self.dynamic if tag == NEEDED]

    def needs(self) -> set[tuple[str, str]]:
        """Each (library, version of its symbols) that must be there."""
        address, count = self.tag(VERNEED_TAG), self.tag(VERNEEDNUM)
        found: set[tuple[str, str]] = set()
        if address is None:
            return found
        at = self.offset(address)
        for _ in range(count or 0):
            _, names, file, first, following = struct.unpack_from("<HHIII", self.data, at)
            name = at + first
            for _ in range(names):
                _, _, _, version, rest = struct.unpack_from("<IHHII", self.data, name)
                found.add((self.text(file), self.text(version)))
                name += rest
            at += following
        return found


def above(path: Path, glibc: str) -> list[str]:
    """The symbols that a system with this glibc does not have, and the libraries that it may not have; none is right."""
    program = Program(path)
    wrong = []
    for library, version in sorted(program.needs()):
        family, _, number = version.partition("_")
        if family != "GLIBC" or not number[:1].isdigit():
            # GCC_3.0 and its like are those of libgcc_s, which every such system has since GCC 3.
            if not (family == "GCC" and parsed(number) <= (4, 2, 0)):
                wrong.append(f"{library} {version}")
        elif parsed(number) > parsed(glibc):
            wrong.append(f"{library} {version}")
    known = {"libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libutil.so.1", "libgcc_s.so.1"}
    loaders = ("ld-linux",)
    wrong += [name for name in program.libraries() if name not in known and not name.startswith(loaders)]
    return wrong


def least(path: Path) -> str:
    """The newest glibc that a symbol of the program asks for."""
    found = [version[6:] for _, version in Program(path).needs() if version.startswith("GLIBC_")]
    return max(found, key=parsed, default="none")
