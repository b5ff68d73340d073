"""What must hold of the table and of what is made from it, whatever is built."""

import json
import re
import struct
import subprocess
import sys
import tarfile
import tempfile
import unittest
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import archives  # noqa: E402
import elf  # noqa: E402
import make  # noqa: E402
from project import ROOT, TABLE, Crate, Platform, manifest, platform, version  # noqa: E402
from versions import differing  # noqa: E402

PLATFORMS = [Platform(row) for row in TABLE["platform"]]


def program(loader: str | None = None) -> bytes:
    """A file for Linux that names the loader that it needs, or none."""
    named = loader.encode() + b"\0" if loader else b""
    head = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, 0, 64, 0, 0, 64, 56, 2, 64, 0, 0)
    load = struct.pack("<IIQQQQQQ", 1, 5, 0, 0, 0, 4096, 4096, 4096)
    second = struct.pack("<IIQQQQQQ", 3 if loader else 2, 4, 176, 176, 176, len(named), len(named), 1)
    return head + load + second + named


class Static(unittest.TestCase):
    def test_a_program_that_needs_a_loader_is_refused(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "program")
            for loader in (None, "/lib64/ld-linux-x86-64.so.2"):
                path.write_bytes(program(loader))
                self.assertEqual(elf.loader(path), loader)
            with self.assertRaisesRegex(make.Refused, "not static: a system must have /lib64"):
                make.proven(platform("linux-x64"), path)
        # That of this system has one, whichever it is.
        self.assertTrue(Path(elf.loader(Path(sys.executable).resolve())).exists())
        with self.assertRaises(elf.NotElf):
            elf.loader(ROOT / "Cargo.toml")


class Names(unittest.TestCase):
    def test_binstall_finds_each_archive(self) -> None:
        binstall = manifest()["package"]["metadata"]["binstall"]
        for to in PLATFORMS:
            kind = {**binstall, **binstall["overrides"].get(to.target, {})}["pkg-fmt"]
            words = {
                "repo": "R", "version": version(), "target": to.target, "bin": "scaffold",
                "archive-suffix": {"tgz": ".tar.gz", "zip": ".zip"}[kind], "binary-ext": ".exe" if to.archive == "zip" else "",
            }  # fmt: skip
            filled = {key: re.sub(r"\{ (\S+) \}", lambda found: words[found[1]], binstall[key]) for key in ("pkg-url", "bin-dir")}
            self.assertEqual(filled["pkg-url"], f"R/releases/download/v{version()}/{make.archive_name(to)}.{to.archive}")
            self.assertEqual(filled["bin-dir"], f"{make.archive_name(to)}/{to.program}")

    def test_a_platform_is_named_once_and_what_is_unverified_says_so(self) -> None:
        for key in ("id", "target", "wheel"):
            values = [row[key] for row in TABLE["platform"]]
            self.assertEqual(len(values), len(set(values)), key)
        self.assertEqual([row["id"] for row in TABLE["platform"] if row["verified"]], ["linux-x64"])
        with self.assertRaises(LookupError):
            platform("plan9")

    def test_a_wheel_for_linux_is_for_both_c_libraries(self) -> None:
        for to in PLATFORMS:
            is_linux = to.npm["os"] == "linux"
            self.assertEqual([f"{name}linux_" in to.wheel for name in ("many", "musl")], [is_linux] * 2)
            self.assertEqual(is_linux, to.target.endswith("-musl"))


class Made(unittest.TestCase):
    """Everything but the program, which is stood in for."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = tempfile.TemporaryDirectory()
        cls.outs = [Path(cls.folder.name, name) for name in ("one", "the other")]
        stand_in = Path(cls.folder.name, "scaffold")
        stand_in.write_bytes(program())
        for out in cls.outs:
            out.mkdir()
            make.make(platform("linux-x64"), ("wheel", "npm"), stand_in, "release", out)

    @classmethod
    def tearDownClass(cls) -> None:
        cls.folder.cleanup()

    def test_it_is_the_same_twice(self) -> None:
        one, other = ({path.name: path.read_bytes() for path in out.rglob("*") if path.is_file()} for out in self.outs)
        self.assertGreaterEqual(len(one), 5)
        self.assertEqual(one, other)

    def test_the_wheel_has_its_record_licences_and_bill(self) -> None:
        with zipfile.ZipFile(next(self.outs[0].glob("*.whl"))) as wheel:
            names = set(wheel.namelist())
            about = f"scaffold_starters-{version()}"
            record = wheel.read(f"{about}.dist-info/RECORD").decode()
            for line in record.splitlines():
                name, digest, _ = line.rsplit(",", 2)
                if digest:
                    self.assertEqual(digest, archives.digest(wheel.read(name)), name)
                names.discard(name)
            self.assertEqual(names, set())
            licences = wheel.read(f"{about}.dist-info/licenses/LICENSES-OF-DEPENDENCIES.txt").decode()
            self.assertIn("minijinja 3.1.0: Apache-2.0", licences)
            self.assertEqual(wheel.getinfo(f"{about}.data/scripts/scaffold").external_attr >> 16, 0o100755)
            bill = json.loads(wheel.read(f"{about}.dist-info/sboms/scaffold.cdx.json"))
        self.assertEqual(bill["metadata"]["component"]["version"], version())
        names = {one["name"] for one in bill["components"]}
        self.assertTrue({"clap", "minijinja"} <= names and not {"insta", "proptest"} & names, names)

    def test_npm_packages_are_held_together_and_run_nothing_when_installed(self) -> None:
        manifests = {}
        for path in (self.outs[0] / "npm").glob("*.tgz"):
            with tarfile.open(path) as packed:
                found = json.load(packed.extractfile("package/package.json"))
                manifests[found["name"]] = found
                for word in found.get("bin", {}).values():
                    self.assertEqual(packed.getmember(f"package/{word}").mode, 0o755)
        main = manifests["scaffold-starters"]
        wanted = {make.npm_name(to): version() for to in PLATFORMS}
        self.assertEqual(main["optionalDependencies"], wanted)
        self.assertEqual(manifests["create-scaffold-starters"]["dependencies"], {"scaffold-starters": version()})
        built = manifests["scaffold-starters-linux-x64"]
        self.assertEqual((built["os"], built["cpu"]), (["linux"], ["x64"]))
        for found in manifests.values():
            self.assertNotIn("scripts", found)
            self.assertEqual(found["version"], version())


class Project(unittest.TestCase):
    def test_all_versions_agree(self) -> None:
        self.assertEqual(differing(), [])
        self.assertEqual(differing(tag="v9.9.9")[0], f"the tag v9.9.9 is not v{version()}")

    def test_the_crate_has_the_whole_pack(self) -> None:
        """A folder that cargo leaves out would be missing from the program that `cargo install` builds."""
        command = ["cargo", "package", "--list", "--allow-dirty", "--offline"]
        listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
        parts = ["pack.yml", "overlays", "templates", "knowledge", "src", "build.rs", "docs/troubleshooting.md"]
        tracked = subprocess.run(["git", "ls-files", "-z", *parts], cwd=ROOT, check=True, capture_output=True, text=True)
        self.assertEqual(set(filter(None, tracked.stdout.split("\0"))) - set(listed), set())
        self.assertFalse([name for name in listed if name.startswith((".ci", "dist", "tests"))])

    def test_the_container_copies_what_an_archive_has(self) -> None:
        text = (ROOT / "dist/Containerfile").read_text()
        copied = set(re.findall(r"\$\{ARCHIVE\}/(\S+)", text))
        held = {"scaffold", "sbom.cdx.json", *(entry.name for entry in make.legal(Crate("x86_64-unknown-linux-musl")))}
        self.assertEqual(copied, held)


if __name__ == "__main__":
    unittest.main()
