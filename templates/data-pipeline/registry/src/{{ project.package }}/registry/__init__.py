"""Schemas of what comes in: Avro subjects with all their versions, kept in this repository.

`subjects` reads them, `compatibility` says whether a version may follow the others, `server` asks
a schema registry where one runs.
"""
