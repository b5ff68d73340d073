"""What pre-commit installs when it takes this repository as one of hooks: nothing but the wheel of the same version.

A build backend (PEP 517) with no requirement of its own; `pyproject.toml` at the root names it.
"""

import re
from pathlib import Path

from archives import wheel

ROOT = Path(__file__).resolve().parents[1]
# All files of a wheel need a time; this is the first that the format knows.
SECONDS = 315_532_800


def build_wheel(wheel_directory: str, config_settings: object = None, metadata_directory: object = None) -> str:
    manifest = (ROOT / "Cargo.toml").read_text(encoding="utf-8")
    name, version = (re.search(rf'^{key} = "(.+)"$', manifest, re.MULTILINE).group(1) for key in ("name", "version"))
    metadata = f"Metadata-Version: 2.1\nName: scaffold-hooks\nVersion: {version}\nRequires-Dist: {name} (=={version})\n"
    made = wheel(Path(wheel_directory), "scaffold_hooks", version, "py3-none-any", metadata.encode(), [], SECONDS)
    return made.name
