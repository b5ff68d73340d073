"""Archives that depend on nothing but what is put into them."""

import base64
import gzip
import hashlib
import io
import tarfile
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Entry:
    """A file of an archive."""

    name: str
    data: bytes
    executable: bool = False

    @property
    def mode(self) -> int:
        return 0o755 if self.executable else 0o644


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def tar_gz(path: Path, folder: str, entries: list[Entry], seconds: int) -> None:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for entry in sorted(entries, key=lambda entry: entry.name):
            info = tarfile.TarInfo(f"{folder}/{entry.name}")
            info.size, info.mode, info.mtime = len(entry.data), entry.mode, seconds
            archive.addfile(info, io.BytesIO(entry.data))
    # The name of the file and the time of packing stay out.
    with path.open("wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(raw.getvalue())


def zipped(path: Path, folder: str, entries: list[Entry], seconds: int) -> None:
    ordered = sorted(entries, key=lambda entry: entry.name)
    write_zip(path, [Entry(f"{folder}/{entry.name}", entry.data, entry.executable) for entry in ordered], seconds)


def write_zip(path: Path, entries: list[Entry], seconds: int) -> None:
    # The format knows no earlier year.
    when = max(time.gmtime(seconds)[:6], (1980, 1, 1, 0, 0, 0))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for entry in entries:
            info = zipfile.ZipInfo(entry.name, when)
            info.create_system = 3
            info.external_attr = (0o100000 | entry.mode) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, entry.data)


def wheel(out: Path, module: str, version: str, tag: str, metadata: bytes, entries: list[Entry], seconds: int) -> Path:
    """A wheel of files, with its metadata and the record of all."""
    about = f"{module}-{version}.dist-info"
    python, abi, platforms = tag.split("-")
    tags = "".join(f"Tag: {python}-{abi}-{one}\n" for one in platforms.split("."))
    pure = "true" if platforms == "any" else "false"
    kind = f"Wheel-Version: 1.0\nGenerator: dist/make.py\nRoot-Is-Purelib: {pure}\n{tags}"
    ordered = sorted(entries, key=lambda entry: entry.name)
    ordered += [Entry(f"{about}/METADATA", metadata), Entry(f"{about}/WHEEL", kind.encode())]
    record = "".join(f"{entry.name},{digest(entry.data)},{len(entry.data)}\n" for entry in ordered)
    ordered.append(Entry(f"{about}/RECORD", f"{record}{about}/RECORD,,\n".encode()))
    path = out / f"{module}-{version}-{tag}.whl"
    write_zip(path, ordered, seconds)
    return path


def digest(data: bytes) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
