"""In a notebook's kernel, right submissions pass the visible checks, and an endless call ends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from released import SOLUTION, STEPS, not_right, released, statuses

pytestmark = pytest.mark.slow

RIGHT = Path(__file__).parents[1] / "submissions/right"
# As students work in a notebook: a script in one cell, or the notebook's own cells. The others need a script's
# surroundings: input, an event loop of their own, or training code that never ends.
NAMES = (
    "beginner_loops.py", "carriage_returns.py", "class_factory.py", "dataclasses.py", "float32_everywhere.py",
    "functional.py", "golf.py", "joined_shuffle.py", "layers_run_twice.py", "linked_list.py", "list_subclass.py",
    "nb_monkey_patched.ipynb", "professional.py", "tee_and_os_write.py", "nb_release_filled_in.ipynb",
    "nb_wrong_then_right.ipynb", "oop_heavy.py", "properties_transposed.py", "refuses_a_rate_of_zero.py", "threads.py",
)  # fmt: skip


class Kernel:
    """A real kernel in the students' folder."""

    def __init__(self, folder: Path) -> None:
        from jupyter_client.manager import start_new_kernel

        self._manager, self._client = start_new_kernel(kernel_name="python3", cwd=str(folder))

    def run(self, code: str) -> str:
        """Run a cell, and return what it prints."""
        printed: list[str] = []

        def keep(message: dict[str, Any]) -> None:
            if message["msg_type"] == "stream":
                printed.append(message["content"]["text"])

        self._client.execute_interactive(code, timeout=240, output_hook=keep, allow_stdin=False)
        return "".join(printed)

    def stop(self) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    running = Kernel(released(tmp_path_factory.mktemp("kernel"), seconds=2.0))
    running.run("%matplotlib inline")
    yield running
    running.stop()


def cells(path: Path) -> list[str]:
    if path.suffix == ".py":
        return [path.read_text(encoding="utf-8")]
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return [
        "".join(cell["source"])
        for cell in notebook["cells"]
        if cell["cell_type"] == "code"
        and not {"perceptron-kit:check", "perceptron-kit:training"} & set(cell["metadata"].get("tags", []))
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_right_submission_passes_all_checks(kernel: Kernel, name: str) -> None:
    kernel.run("%reset -f")
    for cell in cells(RIGHT / name):
        kernel.run(cell)
    table = kernel.run("from checks import check\ncheck(Layer, Perceptron)")
    assert statuses(table) == dict.fromkeys(STEPS, "right"), table


@pytest.mark.parametrize("endless", ["while True: pass", "import time; time.sleep(1e9)"])
def test_a_call_that_never_ends_is_ended_and_the_kernel_goes_on(kernel: Kernel, endless: str) -> None:
    kernel.run("%reset -f")
    kernel.run(
        SOLUTION.replace("        dz = da *", f"        {endless}\n        dz = da *").replace(
            'if __name__ == "__main__":', "if False:"
        )
    )
    table = kernel.run("from checks import check_backward\ncheck_backward(Layer)")
    assert not_right(table) == {"shape", "dz", "weights", "biases", "da_prev", "update"}
    assert "line" in table
    assert kernel.run("print(6 * 7)") == "42\n"
