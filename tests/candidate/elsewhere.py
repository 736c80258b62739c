"""Run the kit as other users, in other namespaces, and on kernels that refuse something.

Usage: python tests/candidate/elsewhere.py CALLS -- COMMAND: runs a command to which the kernel denies some calls.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import site
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Sequence
from pathlib import Path

import grader

__all__ = ["ORDINARY", "everybodys_python", "run"]

ORDINARY = 12345
"""A user that owns nothing."""
_PR_SET_NO_NEW_PRIVS = 38
_KIT = Path(grader.__file__).parents[1]
_CODE = "import sys; from grader.cli.{0} import main; sys.argv[0] = '{0}'; main()"
_VERSION = f"python{sys.version_info.major}.{sys.version_info.minor}"
_NOT_INSTALLED = shutil.ignore_patterns("*.pth", "grader", "torch", "nvidia")
_UNUSED = shutil.ignore_patterns("site-packages", "dist-packages", "test", "tests", "idlelib", "*.a")
INSTALLED = Path("python", "lib", _VERSION, "site-packages")
"""Where packages are, in a folder that was made; Debian's Python would look elsewhere by itself."""

Run = subprocess.CompletedProcess[str]


def everybodys_python(folder: Path) -> Path:
    """Make ``folder`` hold a Python that every user may read, and the kit as its wheel would install it; return it."""
    folder.chmod(0o755)
    library, installed = folder / "python" / "lib", folder / INSTALLED
    (folder / "python" / "bin").mkdir(parents=True)
    shutil.copy2(Path(sys.base_prefix, "bin", _VERSION), folder / "python" / "bin")
    _copy_all(Path(sysconfig.get_path("stdlib")), library / _VERSION, _UNUSED)
    for shared in Path(sys.base_prefix, "lib").glob("libpython*"):
        _link(str(shared), str(library / shared.name))
    packages = [Path(sysconfig.get_path("purelib")), *map(Path, site.getsitepackages())]
    for source in filter(Path.is_dir, dict.fromkeys(packages)):
        _copy_all(source, installed, _NOT_INSTALLED)
    for name in ("solution", "assignment"):
        shutil.copytree(_KIT / name, installed / "grader" / "_kit" / name)
    shutil.copytree(_KIT / "grader", installed / "grader", dirs_exist_ok=True)
    shutil.copy(_KIT / "utils.py", installed / "grader" / "_kit")
    shutil.copytree(_KIT / "solution", folder / "submission")
    shutil.copy(__file__, folder)
    return folder


def _copy_all(source: Path, target: Path, ignore: Callable[[str, list[str]], set[str]]) -> None:
    shutil.copytree(source, target, copy_function=_link, ignore=ignore, symlinks=True, dirs_exist_ok=True)


def run(
    folder: Path,
    command: str,
    *arguments: str,
    user: int | None = None,
    before: Sequence[str] = (),
    denied: str = "",
) -> Run:
    """Run ``grade`` or ``kit`` of the copy in ``folder``.

    ``before`` is put before the command; ``denied`` names the calls that the kernel denies.
    """
    python = str(folder / "python" / "bin" / _VERSION)
    line = [python, "-c", _CODE.format(command), *arguments]
    if denied:
        line = [python, str(folder / "elsewhere.py"), denied, "--", *line]
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONHOME": str(folder / "python"),
        "PYTHONPATH": str(folder / INSTALLED),
        "LD_LIBRARY_PATH": str(folder / "python" / "lib"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONIOENCODING": "utf-8",
    }
    groups: list[int] | None = None if user is None else []
    return subprocess.run(
        [*before, *line],
        cwd=folder,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
        user=user,
        group=user,
        extra_groups=groups,
    )


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)


def main() -> None:
    """Run the command after ``--`` without the calls named before it."""
    import pyseccomp  # type: ignore[import-untyped]

    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    calls, _, *command = sys.argv[1:]
    for call in calls.split(","):
        rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), call)
    ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    rules.load()
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
