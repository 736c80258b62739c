"""Imitate a machine of Gradescope: the archive is unpacked in ``/autograder/source``, and root runs its scripts."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import elsewhere

__all__ = ["LACKING", "Document", "Ended", "Machine"]

_SCRIPT = Path(__file__).with_name("as_autograder.sh")
_DEADLINE = 500
_SYSTEM_PATH = os.pathsep.join((os.environ["PATH"], "/usr/sbin", "/sbin"))


def _lacking() -> str:
    """Return what such a machine needs and this one lacks; "" if nothing."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "needs root on Linux, for a mount namespace"
    missing = [name for name in ("unshare", "pivot_root") if shutil.which(name, path=_SYSTEM_PATH) is None]
    return f"needs {' and '.join(missing)}, which util-linux has" if missing else ""


LACKING = _lacking()

Document = dict[str, Any]


@dataclass(frozen=True)
class Ended:
    """The outcome of a submission's run."""

    code: int
    stderr: str
    text: str

    @property
    def document(self) -> Document:
        """The contents of ``results.json``."""
        document: Document = json.loads(self.text)
        return document


@dataclass(frozen=True)
class Machine:
    """A folder that the scripts see as ``/autograder``."""

    folder: Path

    @classmethod
    def with_archive(cls, archive: Path, folder: Path) -> Machine:
        """Return a machine in ``folder``, as it is before ``setup.sh`` runs."""
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
        """The folder in which the archive was unpacked."""
        return self.folder / "source"

    def borrow_environment(self) -> None:
        """Use the environment that runs the tests instead of the one that ``setup.sh`` would make."""
        (self.source / "environment").symlink_to(sys.prefix)

    def set_up(self, path: str = os.environ["PATH"]) -> subprocess.CompletedProcess[str]:
        """Run ``setup.sh``, which looks for its commands on ``path``."""
        return self._run(["env", f"PATH={path}", "/autograder/source/setup.sh"])

    def grade(self, files: Mapping[str, str | bytes], denied: str = "") -> Ended:
        """Run ``run_autograder`` on a submission; ``denied`` names system calls that fail."""
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
