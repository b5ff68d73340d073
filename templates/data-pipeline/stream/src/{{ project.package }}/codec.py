"""How records lie on the topic: as bytes, which are read as text with fields."""

from collections.abc import Callable
from dataclasses import dataclass

from .records import Record, from_json


@dataclass(frozen=True)
class Codec:
    decode: Callable[[int, bytes], Record]  # a record by its offset and value
    encode: Callable[[bytes], bytes]  # a line of the sample, as it would lie on the topic


def _decode(offset: int, value: bytes) -> Record:
    # Bytes that are not UTF-8 become lone surrogates, by which they are known.
    return from_json(offset, value.decode("utf-8", "surrogateescape"))


JSON = Codec(decode=_decode, encode=bytes)
