"""The shell blocks of the release workflow and of the action, executed here: what only GitHub has is stood in for.

They take the program and the wheel that `ways.py` has made.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from make import installed  # noqa: E402
from project import ROOT, TABLE, version  # noqa: E402

MADE = ROOT / "target/dist/try"
PROGRAM = MADE / "bin/linux-x64/scaffold"
DIGEST = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")
READ = "import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin.buffer), sys.stdout)"


def document(path: str) -> dict:
    python = Path(installed("pyyaml"), "python")
    printed = subprocess.run([python, "-c", READ], input=(ROOT / path).read_bytes(), check=True, capture_output=True)
    return json.loads(printed.stdout)


class Runner(unittest.TestCase):
    """A machine of GitHub: folders, and programs that note how they are called in place of those that publish."""

    def setUp(self) -> None:
        self.assertTrue(PROGRAM.exists(), f"run dist/ways.py first: there is no {PROGRAM}")
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.temp = Path(self.folder.name)
        self.calls = self.temp / "calls"
        self.calls.touch()
        (self.temp / "bin").mkdir()

    def stand_in(self, name: str, script: str = "") -> None:
        path = self.temp / "bin" / name
        path.write_text(f'#!/bin/sh\necho "{name} $*" >>{self.calls}\n{script}\n')
        path.chmod(0o755)

    def run_block(self, step: dict, folder: Path = ROOT, status: int = 0, **environment: str) -> str:
        self.assertNotIn("${{", step["run"], "a block reads the environment alone")
        for name in ("output", "summary"):
            (self.temp / name).write_text("")
        files = {"GITHUB_OUTPUT": "output", "GITHUB_STEP_SUMMARY": "summary"}
        home = {
            "PATH": f"{self.temp / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "HOME": os.environ.get("HOME", "/"),
            "RUNNER_TEMP": str(self.temp),
            "CI": "true",
            **{name: value for name, value in os.environ.items() if name in ("CARGO_HOME", "RUSTUP_HOME")},
            **{name: str(self.temp / file) for name, file in files.items()},
        }
        ended = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=folder,
            env={**home, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.assertEqual(ended.returncode, status, ended.stdout)
        return ended.stdout

    def called(self) -> list[str]:
        return self.calls.read_text().splitlines()

    def output(self) -> dict[str, str]:
        return dict(line.split("=", 1) for line in (self.temp / "output").read_text().splitlines())

    def summary(self) -> str:
        return (self.temp / "summary").read_text()


class Release(Runner):
    jobs: dict

    @classmethod
    def setUpClass(cls) -> None:
        cls.workflow = document(".github/workflows/release.yml")
        cls.jobs = cls.workflow["jobs"]

    def step(self, job: str, words: str) -> dict:
        return next(step for step in self.jobs[job]["steps"] if words in step.get("name", ""))

    def test_every_action_is_pinned_and_no_job_may_more_than_it_needs(self) -> None:
        checked = document(".github/workflows/ci.yml")["jobs"]
        for job in [*self.jobs.values(), *checked.values()]:
            for step in job["steps"]:
                if "uses" in step:
                    self.assertRegex(step["uses"], DIGEST)
        self.assertEqual(self.workflow["permissions"], {"contents": "read"})
        writes = {name for name, job in self.jobs.items() if job.get("permissions", {}).get("id-token")}
        self.assertEqual(writes, {"release", "wheels", "npm", "crate"})
        self.assertEqual(self.step("test", "everything")["run"].strip(), "bash .ci/run")

    def test_a_release_is_refused_where_versions_or_the_repository_differ(self) -> None:
        step = self.step("ready", "agree")
        said = self.run_block(step, status=1, TAG="v9.9.9", REPOSITORY="https://example.org/a/b")
        self.assertIn("the tag v9.9.9", said)
        self.assertIn("https://example.org/a/b", said)

    def test_the_jobs_are_those_of_the_table(self) -> None:
        self.run_block(self.step("ready", "platforms"))
        rows = json.loads(self.output()["platforms"])
        self.assertEqual([row["id"] for row in rows], [row["id"] for row in TABLE["platform"]])
        self.assertEqual(set(rows[0]), {"id", "target", "runner", "verified"})

    def test_what_is_built_is_installed_released_and_published_in_order(self) -> None:
        # The compiler is stood in for; all else is made from its program as on the day.
        cargo = subprocess.run(["which", "cargo"], check=True, capture_output=True, text=True).stdout.strip()
        target = self.temp / "target"
        compiled = target / "x86_64-unknown-linux-musl/release"
        self.stand_in("cargo", f'case "$1" in build) mkdir -p {compiled} && cp {PROGRAM} {compiled}/ ;; *) exec {cargo} "$@" ;; esac')
        for name in ("rustup", "gh", "npm"):
            self.stand_in(name)
        work = self.temp / "work"
        work.mkdir()
        # A cheap program is large: this table lets it pass.
        shutil.copytree(ROOT / "dist", work / "dist")
        table = work / "dist/platforms.toml"
        table.write_text(re.sub(r"^wheel = 5_242_880$", "wheel = 99_000_000", table.read_text(), flags=re.MULTILINE))
        (work / "target/dist").mkdir(parents=True)
        (work / "target/dist/tools").symlink_to(ROOT / "target/dist/tools")
        for name in ("Cargo.toml", "Cargo.lock", "src", "build.rs", "README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"):
            (work / name).symlink_to(ROOT / name)
        (work / "python").symlink_to(sys.executable)
        environment = {
            "ID": "linux-x64",
            "TARGET": "x86_64-unknown-linux-musl",
            "CARGO_TARGET_DIR": str(target),
            "SOURCE_DATE_EPOCH": "1700000000",
            "PATH": f"{self.temp / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        }
        self.run_block(self.step("build", "built"), work, **environment)
        said = self.run_block(self.step("build", "installed"), work, **environment)
        self.assertIn(f"scaffold {version()}", said)
        self.assertTrue((self.temp / "demo/pyproject.toml").exists())

        self.run_block(self.step("release", "digests"), work, SOURCE_DATE_EPOCH="1700000000")
        self.assertIn("### ", (work / "notes.md").read_text())
        subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=work / "out", check=True)
        self.calls.write_text("")
        self.run_block(self.step("release", "archives"), work, TAG=f"v{version()}", GH_TOKEN="none")
        (call,) = self.called()
        self.assertIn(f"gh release create v{version()} --verify-tag", call)
        for name in (f"scaffold-{version()}-x86_64-unknown-linux-musl.tar.gz", "SHA256SUMS", ".whl"):
            self.assertIn(name, call)

        self.calls.write_text("")
        self.run_block(self.step("npm", "published"), work)
        published = [line.rsplit("/", 1)[1] for line in self.called() if line.startswith("npm publish --provenance")]
        names = ["scaffold-starters-linux-x64", "scaffold-starters", "create-scaffold-starters"]
        self.assertEqual(published, [f"{name}-{version()}.tgz" for name in names])

        self.calls.write_text("")
        self.stand_in("python3", f"echo {self.temp / 'bin'}")
        self.stand_in("uv")
        self.run_block(self.step("wheels", "published"), work)
        self.assertIn("uv publish --trusted-publishing always out/scaffold_starters-", self.called()[-1])
        self.stand_in("cargo")
        self.run_block(self.step("crate", "published"), work)
        self.assertEqual(self.called()[-1], "cargo publish --locked")


class Action(Runner):
    @classmethod
    def setUpClass(cls) -> None:
        cls.action = document("action.yml")
        cls.install, cls.run_step = cls.action["runs"]["steps"]

    def command(self, command: str, status: int = 0, **more: str) -> str:
        inputs = {"DIRECTORY": ".", "ANSWERS": "", "EXPECT": "", "ARGUMENTS": "", **more}
        work = self.temp / "work"
        work.mkdir(exist_ok=True)
        said = self.run_block(self.run_step, work, status, PROGRAM=str(PROGRAM), COMMAND=command, **inputs)
        if command in ("init", "check", "pack-test"):
            self.assertEqual(self.output()["status"], str(status))
        return said

    def test_every_input_reaches_a_block(self) -> None:
        used = json.dumps(self.action["runs"])
        for name in self.action["inputs"]:
            self.assertIn(f"inputs.{name} ", used)

    def test_it_installs_the_wheel_or_takes_what_is_there(self) -> None:
        links = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(MADE)}
        self.run_block(self.install, VERSION=version(), PROGRAM="", **links)
        program = self.output()["program"]
        self.assertEqual(subprocess.run([program, "--version"], capture_output=True, text=True).stdout, f"scaffold {version()}\n")
        self.run_block(self.install, VERSION="0", PROGRAM=str(PROGRAM))
        self.assertEqual(self.output()["program"], str(PROGRAM))
        self.run_block(self.install, status=1, VERSION="99.0.0", PROGRAM="", **links)

    def test_init_writes_what_was_expected_and_nothing_else(self) -> None:
        words = "--auto\n--pipeline-processing\nbatch"
        said = self.command("init", 4, DIRECTORY="demo", ARGUMENTS=words, EXPECT="sha256:" + "0" * 64)
        digest = re.search(r"would be `(sha256:[0-9a-f]+)`", said)[1]
        self.assertIn("### scaffold init: failed, status 4", self.summary())
        self.assertFalse((self.temp / "work/demo").exists())
        self.command("init", DIRECTORY="demo", ARGUMENTS=words, EXPECT=digest)
        self.assertIn("### scaffold init: passed", self.summary())
        # Its answers make the same again.
        answers = str(self.temp / "work/demo/.scaffold/config.yml")
        self.command("init", DIRECTORY="again/demo", ANSWERS=answers, EXPECT=digest)

        self.command("check", DIRECTORY="demo")
        self.assertTrue(self.summary())
        (self.temp / "work/demo/README.md").write_text("mine\n")
        self.command("check", 4, DIRECTORY="demo")
        self.assertIn("README.md", self.summary())
        self.assertIn("failed, status 4", self.summary())

    def test_a_pack_is_tested_and_other_words_are_refused(self) -> None:
        self.command("pack-test", DIRECTORY=str(ROOT / "tests/packs/hello"), ARGUMENTS="--sample\n2")
        self.assertIn("### scaffold pack test: passed", self.summary())
        said = self.command("publish", 2)
        self.assertIn("`publish` is not a command of this action", said)


if __name__ == "__main__":
    unittest.main()
