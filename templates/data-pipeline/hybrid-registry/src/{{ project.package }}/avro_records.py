"""Avro files with the records of a topic: one subject says how both are read."""

from .avro_files import Avro
from .records import Records


class AvroRecords(Records, Avro):
    """What a query finds in the topic it finds in these files."""
