#!/usr/bin/env python3
"""Make what a release is made of, from the table `platforms.toml`. The same commit gives the same bytes.

    dist/make.py [--platform ID] [--program FILE] [--profile NAME] [--out FOLDER] [WHAT]...

WHAT is any of: program, wheel, npm, archive, sums. Without one, all of them. A program that is given is not built.
`make.py table` prints the platforms as JSON; `make.py tools NAME...` installs pinned tools and prints the folder they are in.
Needs Python 3.11 and cargo; what else it needs it installs below target/dist/tools.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import elf  # noqa: E402
from archives import Entry, sha256, tar_gz, wheel, zipped  # noqa: E402
from project import ROOT, TABLE, Crate, Platform, platform, readings, version  # noqa: E402

PARTS = ("program", "wheel", "npm", "archive", "sums")
LICENCES = ("LICENSE-MIT", "LICENSE-APACHE")
NAMES = TABLE["names"]
MIB = 1 << 20


class Refused(Exception):
    """What was made is not what may be published."""


def main() -> int:
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--platform", default="linux-x64")
    parser.add_argument("--program", type=Path)
    parser.add_argument("--profile", default="release")
    parser.add_argument("--out", type=Path, default=ROOT / "target/dist")
    parser.add_argument("what", nargs="*", metavar="WHAT")
    arguments = parser.parse_args()
    if arguments.what == ["table"]:
        columns = ("id", "target", "runner", "verified")
        print(json.dumps([{key: row[key] for key in columns} for row in TABLE["platform"]]))
        return 0
    if arguments.what[:1] == ["tools"]:
        print(installed(*arguments.what[1:]))
        return 0
    unknown = set(arguments.what) - set(PARTS)
    if unknown:
        parser.error(f"{', '.join(sorted(unknown))}: not one of {', '.join(PARTS)}")
    what = arguments.what or PARTS
    out = arguments.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    try:
        made = make(platform(arguments.platform), what, arguments.program, arguments.profile, out)
    except (Refused, elf.NotElf, LookupError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    for path in made:
        print(f"{sha256(path.read_bytes())}  {path.relative_to(out)}")
    return 0


def make(to: Platform, what: tuple[str, ...], program: Path | None, profile: str, out: Path) -> list[Path]:
    made = []
    if program is not None or set(what) & {"program", "wheel", "npm", "archive"}:
        built = program or build(to, profile)
        proven(to, built)
        program = out / "bin" / to.id / to.program
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_bytes(built.read_bytes())
        program.chmod(0o755)
        made.append(program)
    crate = Crate(to.target) if set(what) & {"wheel", "npm", "archive"} else None
    if "wheel" in what:
        made.append(make_wheel(to, program, crate, profile, out))
    if "npm" in what:
        made += make_npm(to, program, crate, out)
    if "archive" in what:
        made += make_archive(to, program, crate, out)
    if "sums" in what:
        made.append(make_sums(out))
    return made


def build(to: Platform, profile: str) -> Path:
    """The program; no path of this machine is in it."""
    # `cargo` splits these at 0x1f, so that a folder may have a blank in its name.
    cargo_home = os.environ.get("CARGO_HOME") or str(Path.home() / ".cargo")
    target = Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target").resolve()
    moved = {cargo_home: "/cargo", str(ROOT): "/source", str(target): "/target"}
    flags = [f"--remap-path-prefix={old}={new}" for old, new in moved.items()]
    # Nothing unwinds where a panic ends the program, and a wheel has to be small.
    flags += ["-Cforce-unwind-tables=no"] if profile == "release" and "linux" in to.target else []
    environment = {
        **os.environ,
        "CARGO_ENCODED_RUSTFLAGS": "\x1f".join(flags),
        "CARGO_TARGET_DIR": str(target),
        "SOURCE_DATE_EPOCH": str(readings().seconds),
    }
    command = ["cargo", "build", "--target", to.target, "--locked", "--profile", profile, "--bin", NAMES["command"]]
    print("+", " ".join(command), file=sys.stderr, flush=True)
    if subprocess.run(command, cwd=ROOT, env=environment).returncode:
        raise Refused(f"the program cannot be built; if the standard library is missing: rustup target add {to.target}")
    folder = "debug" if profile == "dev" else profile
    return target / to.target / folder / to.program


def installed(*names: str) -> str:
    """The folder with the scripts of pinned tools from the package index, which are installed at the first call."""
    folder = ROOT / "target/dist/tools"
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    python = scripts / ("python.exe" if os.name == "nt" else "python")
    wanted = [f"{name}=={TABLE['tools'][name]}" for name in names]
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    listed = subprocess.run([python, "-m", "pip", "freeze"], check=True, capture_output=True, text=True).stdout.split()
    lacking = sorted(set(wanted) - set(listed))
    if lacking:
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *lacking]
        subprocess.run(pip, check=True)
    return str(scripts)


def proven(to: Platform, program: Path) -> None:
    """Refuses a program that does not start where its tags say that it does."""
    if to.npm["os"] == "linux" and (loader := elf.loader(program)):
        raise Refused(f"{program} is not static: a system must have {loader}")


def legal(crate: Crate) -> list[Entry]:
    own = [Entry(name, (ROOT / name).read_bytes()) for name in LICENCES]
    return [*own, Entry("LICENSES-OF-DEPENDENCIES.txt", crate.licences())]


def filled(path: str) -> bytes:
    """A text of this folder with the names of the table in it."""
    module = NAMES["wheel"].replace("-", "_")
    words = {**NAMES, "module": module}
    text = (ROOT / "dist" / path).read_text(encoding="utf-8")
    for name, word in words.items():
        text = text.replace("{{ " + name + " }}", word)
    return text.encode()


def make_wheel(to: Platform, program: Path, crate: Crate, profile: str, out: Path) -> Path:
    module = NAMES["wheel"].replace("-", "_")
    about = f"{module}-{version()}"
    licences = legal(crate)
    headers = [
        "Metadata-Version: 2.4",
        f"Name: {NAMES['wheel']}",
        f"Version: {version()}",
        f"Summary: {crate.description}",
        f"License-Expression: {crate.licence}",
        *(f"License-File: {entry.name}" for entry in licences),
        "Requires-Python: >=3.8",
        "Description-Content-Type: text/markdown",
    ]
    entries = [
        Entry(f"{module}/__init__.py", b'"""The command `scaffold`."""\n'),
        Entry(f"{module}/__main__.py", filled("wheel/__main__.py")),
        Entry(f"{about}.data/scripts/{to.program}", program.read_bytes(), executable=True),
        *(Entry(f"{about}.dist-info/licenses/{entry.name}", entry.data) for entry in licences),
        Entry(f"{about}.dist-info/sboms/scaffold.cdx.json", crate.sbom()),
        # The name of the distribution as a command too, for `uvx NAME` and `pipx run NAME`.
        Entry(f"{about}.dist-info/entry_points.txt", f"[console_scripts]\n{NAMES['wheel']} = {module}.__main__:main\n".encode()),
    ]
    metadata = ("\n".join(headers) + "\n\n").encode() + short_readme()
    path = wheel(out, module, version(), f"py3-none-{to.wheel}", metadata, entries, readings().seconds)
    size, most = path.stat().st_size, TABLE["limits"]["wheel"]
    if profile == "release" and size > most:
        raise Refused(f"{path.name} has {size / MIB:.1f} MiB, and may have {most / MIB:.1f}")
    return path


def short_readme() -> bytes:
    """What pages of registries show: without pictures and links into the repository, which they do not have."""
    return filled("registry.md")


def make_npm(to: Platform, program: Path, crate: Crate, out: Path) -> list[Path]:
    """The package of the platform, and the two that are the same for all."""
    folder = out / "npm"
    folder.mkdir(exist_ok=True)
    main = NAMES["npm"]
    others = [Platform(one) for one in TABLE["platform"]]
    common = {
        "version": version(),
        "license": crate.licence,
        "repository": crate.repository,
        "engines": {"node": ">=18"},
        "preferUnplugged": True,
    }
    common = {key: value for key, value in common.items() if value}
    licences = legal(crate)
    own = licences[: len(LICENCES)]
    known = {
        "name": main,
        "version": version(),
        "platforms": [{"name": npm_name(one), "program": one.program, **one.npm} for one in others],
    }
    launched = {
        "name": main,
        "description": crate.description,
        **common,
        "bin": {NAMES["command"]: "launcher.js", main: "launcher.js"},
        "main": "launcher.js",
        "optionalDependencies": {npm_name(one): version() for one in others},
    }
    created = {
        "name": NAMES["npm-create"],
        "description": f"{crate.description}: npm create {NAMES['npm-create'].removeprefix('create-')}",
        **common,
        "bin": {NAMES["npm-create"]: "create.js"},
        "dependencies": {main: version()},
    }
    built = {
        "name": npm_name(to),
        "description": f"The program of {main} for {to.target}",
        **common,
        "os": [to.npm["os"]],
        "cpu": [to.npm["cpu"]],
    }
    readme = Entry("README.md", short_readme())
    launcher = Entry("launcher.js", filled("npm/launcher.js"), executable=True)
    packages = {
        main: (launched, [launcher, Entry("platforms.json", as_json(known)), readme, *own]),
        NAMES["npm-create"]: (created, [Entry("create.js", filled("npm/create.js"), executable=True), readme, *own]),
        npm_name(to): (
            built,
            [
                Entry(to.program, program.read_bytes(), executable=True),
                Entry("README.md", f"# {npm_name(to)}\n\nThe program of `{main}` for {to.target}. Install `{main}`.\n".encode()),
                Entry("sbom.cdx.json", crate.sbom()),
                *licences,
            ],
        ),
    }
    made = []
    for name, (manifest, entries) in packages.items():
        path = folder / f"{name}-{version()}.tgz"
        tar_gz(path, "package", [Entry("package.json", as_json(manifest)), *entries], readings().seconds)
        made.append(path)
    return made


def npm_name(to: Platform) -> str:
    return f"{NAMES['npm']}-{to.id}"


def as_json(value: object) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


def archive_name(to: Platform) -> str:
    return f"{NAMES['command']}-{version()}-{to.target}"


def make_archive(to: Platform, program: Path, crate: Crate, out: Path) -> list[Path]:
    with tempfile.TemporaryDirectory() as home:
        entries = [
            Entry(to.program, program.read_bytes(), executable=True),
            *(Entry(name, (ROOT / name).read_bytes()) for name in ("README.md", "CHANGELOG.md")),
            *legal(crate),
            Entry("sbom.cdx.json", crate.sbom()),
            *pages(program, Path(home)),
        ]
    if to.npm["os"] != "win32":
        entries.append(Entry("install.sh", filled("install.sh"), executable=True))
    path = out / f"{archive_name(to)}.{to.archive}"
    write = zipped if to.archive == "zip" else tar_gz
    write(path, archive_name(to), entries, readings().seconds)
    bill = out / f"{archive_name(to)}.cdx.json"
    bill.write_bytes(crate.sbom())
    return [path, bill]


def pages(program: Path, home: Path) -> list[Entry]:
    """Completions and manual pages, as the program prints them, whatever this user has configured."""

    def printed(*words: str) -> bytes:
        clean = {"HOME": str(home), "XDG_CONFIG_DIRS": str(home), "PATH": os.environ["PATH"]}
        system = {name: value for name, value in os.environ.items() if name in ("SYSTEMROOT", "LD_LIBRARY_PATH")}
        return subprocess.run([program, *words], check=True, capture_output=True, env={**clean, **system}).stdout

    shells = {"bash": "scaffold.bash", "zsh": "_scaffold", "fish": "scaffold.fish", "powershell": "_scaffold.ps1", "elvish": "scaffold.elv"}
    entries = [Entry(f"completions/{name}", printed("completions", shell)) for shell, name in shells.items()]
    entries.append(Entry("man/scaffold.1", printed("man")))
    for command in commands(printed("--help").decode()):
        entries.append(Entry(f"man/scaffold-{command}.1", printed("man", command)))
    return entries


def commands(text: str) -> list[str]:
    """The names below `Commands:` of the program's help."""
    listed = text.partition("\nCommands:\n")[2].partition("\n\n")[0]
    return [line.split()[0] for line in listed.splitlines() if line.startswith("  ") and line[2] != " "]


def make_sums(out: Path) -> Path:
    """The digests of all that is published, as `sha256sum --check` reads them."""
    files = sorted(path for path in out.iterdir() if path.is_file() and path.name != "SHA256SUMS")
    path = out / "SHA256SUMS"
    path.write_text("".join(f"{sha256(file.read_bytes())}  {file.name}\n" for file in files))
    return path


if __name__ == "__main__":
    sys.exit(main())
