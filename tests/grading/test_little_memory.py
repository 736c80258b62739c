"""A machine with little memory takes no points from anybody: fewer submissions are graded at a time, and again."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cgroups import NoGroupError, limited, run_in
from classrooms import command, right, write_class

from grader.memory import Memory

pytestmark = pytest.mark.slow

MIB = 1024 * 1024
HUNGRY = "\nimport numpy as np\nblock = np.ones(24 * 2**20)\nprint(block.sum())\n"
"""Takes 192 MiB: alone it fits, beside another it does not."""
COUNT = 8


@pytest.fixture
def group(request: pytest.FixtureRequest) -> Iterator[Path]:
    try:
        with limited(request.param) as group:
            yield group
    except NoGroupError as error:
        pytest.skip(str(error))


def scores(printed: str) -> dict[str, float | None]:
    return {entry["id"]: entry["score"] for entry in json.loads(printed)["submissions"]}


@pytest.mark.parametrize("group", [300 * MIB], indirect=True)
def test_no_more_jobs_are_used_than_memory_has_room_for(group: Path, tmp_path: Path) -> None:
    folder = write_class(tmp_path / "class", {f"s{n}": f"{right()}\nprint({n})\n" for n in range(COUNT)})
    run = run_in(group, command("--format", "json", "--jobs", "8", folder))
    assert run.returncode == 0, run.stderr
    assert set(scores(run.stdout).values()) == {100.0}
    assert "of 8 jobs are used" in run.stderr


@pytest.mark.parametrize("group", [480 * MIB], indirect=True)
def test_submissions_that_fit_only_alone_are_graded_alone(group: Path, tmp_path: Path) -> None:
    folder = write_class(
        tmp_path / "class", {f"s{n}": f"{right()}{HUNGRY}print({n})\n" for n in range(COUNT)}
    )
    run = run_in(group, command("--format", "json", "--jobs", "3", folder))
    assert run.returncode == 0, run.stderr
    assert set(scores(run.stdout).values()) == {100.0}


@pytest.mark.parametrize("group", [200 * MIB], indirect=True)
def test_a_submission_that_never_fits_is_ungraded_and_not_saved(group: Path, tmp_path: Path) -> None:
    texts = {"good": right(), "fine": right() + "\n", "hungry": right() + HUNGRY}
    folder, out = write_class(tmp_path / "class", texts), tmp_path / "results"
    run = run_in(group, command("--format", "json", "--out", str(out), folder))
    assert run.returncode == 3
    assert scores(run.stdout) == {"good": 100.0, "fine": 100.0, "hungry": None}
    assert "ran out of memory" in run.stdout
    assert sorted(path.name for path in out.glob("*.json")) == ["fine.json", "good.json"]


class TestMemory:
    """What is free is the least that any control group, or the machine, has left."""

    @staticmethod
    def machine(folder: Path, kind: str, files: dict[str, str]) -> Memory:
        proc, groups = folder / "proc", folder / "groups"
        (proc / "self").mkdir(parents=True)
        (proc / "meminfo").write_text("MemTotal: 8000 kB\nMemAvailable:    4000 kB\n")
        (proc / "vmstat").write_text("pgfault 12\noom_kill 5\n")
        line = "4:memory:/a/b\n0::/c\n" if kind == "cgroup" else "0::/a/b\n"
        (proc / "self" / "cgroup").write_text(line)
        (proc / "self" / "mountinfo").write_text(
            f"35 31 0:32 / {groups} rw,relatime - {kind} none rw,memory\n"
        )
        for name, text in files.items():
            (groups / name).parent.mkdir(parents=True, exist_ok=True)
            (groups / name).write_text(text)
        return Memory(proc)

    def test_a_machine_without_groups_has_what_is_available(self, tmp_path: Path) -> None:
        memory = self.machine(tmp_path, "cgroup2", {})
        assert (memory.available(), memory.kills()) == (4_096_000, 5)

    def test_the_second_version_of_groups(self, tmp_path: Path) -> None:
        files = {
            "a/b/memory.max": "max\n",
            "a/b/memory.current": "500\n",
            "a/b/memory.events": "max 3\noom 2\noom_kill 7\n",
            "a/memory.max": "3000\n",
            "a/memory.current": "1000\n",
            "a/memory.stat": "anon 5\ninactive_file 200\nactive_file 300\n",
        }
        memory = self.machine(tmp_path, "cgroup2", files)
        assert (memory.available(), memory.kills()) == (2500, 12)

    def test_the_first_version_of_groups(self, tmp_path: Path) -> None:
        files = {
            "a/b/memory.limit_in_bytes": "3000\n",
            "a/b/memory.usage_in_bytes": "1000\n",
            "a/b/memory.stat": "total_inactive_file 200\ntotal_active_file 300\n",
            "a/b/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 7\n",
            "memory.limit_in_bytes": "9223372036854771712\n",
            "memory.usage_in_bytes": "9000\n",
        }
        memory = self.machine(tmp_path, "cgroup", files)
        assert (memory.available(), memory.kills()) == (2500, 12)

    def test_a_system_that_says_nothing_has_enough_memory(self, tmp_path: Path) -> None:
        memory = Memory(tmp_path)
        assert (memory.available(), memory.kills()) == (None, 0)

    @pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc")
    def test_this_machine_says_what_it_has(self) -> None:
        assert (Memory().available() or 0) > 0
