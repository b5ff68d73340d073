"""What tests of Spark share: whether it is here, and tables of two engines as they are compared."""

import importlib.util
import os
import shutil
from collections.abc import Mapping, Sequence

import pytest


def missing() -> str:
    if importlib.util.find_spec("pyspark") is None:
        return "no PySpark: `uv sync --extra spark` installs it"
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        return "no Java on the path"
    return ""


def require() -> None:
    """Skip where there is no Spark or no Java, which is told; with REQUIRE_SPARK=1 that fails."""
    if reason := missing():
        if os.environ.get("REQUIRE_SPARK") == "1":
            pytest.fail(reason)
        pytest.skip(reason)


def alike(tables: Mapping[str, Sequence[Mapping[str, object]]]) -> object:
    """The rows, with instants written alike: as text DuckDB gives them their zone, which is UTC."""
    return {
        name: [{key: str(value).removesuffix("+00") for key, value in row.items()} for row in rows]
        for name, rows in tables.items()
    }
