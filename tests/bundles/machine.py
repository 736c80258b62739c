"""A machine as Gradescope has them: the archive is unpacked in ``/autograder/source``, and root runs its scripts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import elsewhere

__all__ = ["Ended", "Machine"]

_SCRIPT = Path(__file__).with_name("as_autograder.sh")
_DEADLINE = 500

Document = dict[str, Any]


@dataclass(frozen=True)
class Ended:
    """How a submission's run ended."""

    code: int
    stderr: str
    text: str

    @property
    def document(self) -> Document:
        """What stands in ``results.json``."""
        document: Document = json.loads(self.text)
        return document


@dataclass(frozen=True)
class Machine:
    """A folder that is ``/autograder`` to what is run here."""

    folder: Path

    @classmethod
    def with_archive(cls, archive: Path, folder: Path) -> Machine:
        """Return a machine in ``folder``, laid out as before ``setup.sh`` is run."""
        autograder = folder / "autograder"
        for name in ("source", "submission", "results"):
            (autograder / name).mkdir(parents=True)
        with zipfile.ZipFile(archive) as file:
            for member in file.infolist():
                path = Path(file.extract(member, autograder / "source"))
                path.chmod(member.external_attr >> 16 & 0o777)
        (autograder / "run_autograder").write_bytes((autograder / "source" / "run_autograder").read_bytes())
        (autograder / "run_autograder").chmod(0o755)
        (autograder / "submission_metadata.json").write_text('{"id": 1}')
        return cls(autograder)

    @property
    def source(self) -> Path:
        """Where the archive has been unpacked."""
        return self.folder / "source"

    def borrow_environment(self) -> None:
        """Have the environment that runs the tests for the one that ``setup.sh`` would make."""
        (self.source / "environment").symlink_to(sys.prefix)

    def set_up(self, path: str = os.environ["PATH"]) -> subprocess.CompletedProcess[str]:
        """Run ``setup.sh``, which finds its commands on ``path``."""
        return self._run(["env", f"PATH={path}", "/autograder/source/setup.sh"])

    def mark(self, files: Mapping[str, str | bytes], denied: str = "") -> Ended:
        """Run ``run_autograder`` on a submission; ``denied`` names calls that the kernel denies."""
        submission = self.folder / "submission"
        for path in [*submission.iterdir(), *(self.folder / "results").iterdir()]:
            path.unlink()
        for name, content in files.items():
            (submission / name).write_bytes(content.encode() if isinstance(content, str) else content)
        before = [sys.executable, elsewhere.__file__, denied, "--"] if denied else []
        run = self._run([*before, "/autograder/run_autograder"])
        (results,) = (self.folder / "results").iterdir()
        assert results.name == "results.json"
        return Ended(run.returncode, run.stderr, results.read_text(encoding="ascii"))

    def _run(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        empty = self.folder.parent / "empty"
        empty.mkdir(exist_ok=True)
        return subprocess.run(
            ["unshare", "--mount", "bash", _SCRIPT, self.folder, empty, *command],
            env={"PATH": os.environ["PATH"], "HOME": "/root"},
            cwd="/",
            capture_output=True,
            encoding="utf-8",
            timeout=_DEADLINE,
            check=False,
        )
