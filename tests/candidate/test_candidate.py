"""A submission runs in a process of its own, the same way every time; if it dies, only the request at hand fails."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from candidates import LAYER, backward, candidate_of, load, printed

from grader.candidate.client import Ended, How
from grader.candidate.isolation import Isolation
from grader.candidate.launcher import ForkingParent, Timeouts
from grader.candidate.replies import TrainReply
from grader.candidate.reply_checks import train_reply
from grader.candidate.request import Request
from grader.exam.answers import fit_request
from grader.exam.questions.cases import FitCase
from grader.model import Helper


@pytest.fixture(scope="module")
def parent() -> Iterator[ForkingParent]:
    with ForkingParent() as parent:
        yield parent


@pytest.fixture(scope="module")
def bare() -> Iterator[ForkingParent]:
    """Yield a parent whose candidates have only a process of their own, to see what that alone does."""
    with ForkingParent(Isolation.PROCESS) as parent:
        yield parent


def helper(module: str, text: str) -> Helper:
    return Helper(module, False, module.replace(".", "/") + ".py", text.encode())


def test_a_statement_that_fails_is_skipped(parent: ForkingParent) -> None:
    loaded = load(parent, "class Layer: pass\n1 / 0\nclass Perceptron: pass\n")
    assert loaded.classes == {"Layer", "Perceptron"}
    (event,) = loaded.skipped
    assert event.raised is not None
    assert (event.raised.type, event.raised.line) == ("ZeroDivisionError", 2)


@pytest.mark.parametrize(
    ("raised", "text"),
    [
        ("ValueError('two\\nlines at 0x7f00c0ffee')", "two lines at 0x…"),
        ("ValueError('\\x1b[2J' + 'x' * 1000)", "\\x1b[2J" + "x" * 193),
        ("type('E', (Exception,), {'__str__': lambda self: 1 / 0})()", ""),
        ("ValueError('half a character: \\ud800')", "half a character: \\ud800"),
    ],
)
def test_the_text_of_an_exception_is_one_short_harmless_line(
    parent: ForkingParent, raised: str, text: str
) -> None:
    (event,) = load(parent, f"raise {raised}").skipped
    assert event.raised is not None
    assert event.raised.text == text


@pytest.mark.parametrize("module", ["utils", "numpy", "json"])
def test_an_import_error_does_not_say_where_something_is_installed(
    parent: ForkingParent, module: str
) -> None:
    (event,) = load(parent, f"from {module} import nothing").skipped
    assert event.raised is not None
    assert event.raised.text == f"cannot import name 'nothing' from '{module}'"


def test_a_submission_that_prints_and_raises_very_much_is_loaded(parent: ForkingParent) -> None:
    prints = "print('\\x01' * 100_000)\n"
    raises = "raise ValueError('\N{GRINNING FACE}' * 300)\n" * 200
    loaded = load(parent, f"class Layer: pass\n{prints}{raises}class Perceptron: pass\n")
    assert loaded.classes == {"Layer", "Perceptron"}


@pytest.mark.parametrize(
    "statement",
    [
        "while True: pass",
        "import time; time.sleep(100)",
        "import os; os._exit(0)",
        "import os; os.abort()",
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "import os; os.closerange(0, 100)",
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        "raise SystemExit",
        "exit()",
        "x = [0] * 10**12",
        "def deep(): deep()\ndeep()",
    ],
)
def test_a_statement_that_hangs_or_kills_is_skipped(parent: ForkingParent, statement: str) -> None:
    loaded = load(parent, f"class Layer: pass\n{statement}\nclass Perceptron: pass\n")
    assert loaded.classes == {"Layer", "Perceptron"}


@pytest.mark.parametrize(
    "returned", ["os._exit(0)", "exit()", "[0] * 10**12", "1 / 0", "self.backward(da, 1)"]
)
def test_an_exception_of_backward_is_in_the_reply(parent: ForkingParent, returned: str) -> None:
    candidate = candidate_of(parent, "import os\n" + LAYER.format(returned=returned))
    if "_exit" in returned:
        with pytest.raises(Ended, match="exit code 0"):
            candidate.ask(backward(1.0))
    else:
        (reply,) = candidate.ask(backward(1.0))
        assert reply.raised is not None
    candidate.close()


def test_a_candidate_that_died_answers_the_next_request(parent: ForkingParent) -> None:
    candidate = candidate_of(parent, "import os\n" + LAYER.format(returned="os._exit(3) if da > 0 else da"))
    with pytest.raises(Ended, match="exit code 3") as caught:
        candidate.ask(backward(1.0))
    assert caught.value.how is How.DIED
    (reply,) = candidate.ask(backward(-1.0))
    assert reply.raised is None
    candidate.close()


def test_a_hang_is_stopped_at_the_timeout(parent: ForkingParent) -> None:
    candidate = candidate_of(parent, "def stop():\n    while True: pass\n" + LAYER.format(returned="stop()"))
    with pytest.raises(Ended, match="stopped after 1 s") as caught:
        candidate.ask(backward(1.0))
    assert caught.value.how is How.TIMEOUT
    candidate.close()


def test_one_call_that_hangs_has_less_time_than_many_that_do_not(parent: ForkingParent) -> None:
    slow = "import time\n" + LAYER.format(returned="time.sleep(float(da[0, 0])) or da")
    candidate = candidate_of(parent, slow, timeout=3.0)
    assert len(candidate.ask(backward(*[0.3] * 5))) == 5
    with pytest.raises(Ended, match="stopped after 1 s"):
        candidate.ask(backward(0.1, 20.0, 0.1))
    with pytest.raises(Ended, match="stopped after 3 s"):
        candidate.ask(backward(*[0.3] * 40))
    candidate.close()


def test_the_logs_of_a_fit_that_goes_forward_very_often_have_room_whatever_is_drawn(
    parent: ForkingParent,
) -> None:
    text = """
        class Perceptron:
            def __init__(self, layers): self.layers = layers
            def forward(self, a):
                for layer in self.layers:
                    a = layer.forward(a)
            def fit(self, training_data, labels, epochs, learning_rate):
                for epoch in range(epochs):
                    for x in training_data:
                        for _ in range(130):
                            self.forward(x)
                        self.layers[-1].backward(1.0, learning_rate)
        """
    sizes = ((4, 4), (4, 4), (4, 4), (4, 1))
    rows = tuple((float(i), 1.0, 1.0, 1.0) for i in range(8))
    largest = FitCase(rows, (0.0, 1.0) * 4, 3, 0.5, sizes)
    steady = FitCase(rows[:6], (0.0, 1.0) * 3, 12, 0.5, sizes, is_steady=True)
    with closing(candidate_of(parent, text, timeout=30.0)) as candidate:
        answers = candidate.ask(fit_request([*[largest] * 20, steady]))
    assert [len(training.steps) for training in answers.trainings] == [*[24] * 20, 72]


def test_each_call_of_fit_has_the_time_of_a_case(parent: ForkingParent) -> None:
    slow = """
        import time
        class Layer:
            def __init__(self, n_inputs, n_neurons, activation_function): pass
        class Perceptron:
            def __init__(self, layers): pass
            def fit(self, training_data, labels, epochs, learning_rate): time.sleep(learning_rate)
    """
    case = {"layers": [[1, 1, "relu"]], "examples": 1, "calls": 4}

    def trained(seconds: float) -> Request[list[TrainReply]]:
        arrays = [np.full(5, seconds)]
        return Request("train", [case], arrays, lambda header, flat: train_reply(header, flat, [case]))

    candidate = candidate_of(parent, slow, timeout=4.0)
    (reply,) = candidate.ask(trained(0.4))
    assert reply.raised is None
    with pytest.raises(Ended, match="stopped after 1 s"):
        candidate.ask(trained(20.0))
    candidate.close()


@pytest.mark.parametrize(("request_", "case"), [(10.0, 2.0), (100.0, 20.0), (2.0, 1.0), (0.5, 0.5)])
def test_a_case_has_a_fifth_of_the_time_of_a_request_and_a_second_at_least(
    request_: float, case: float
) -> None:
    assert Timeouts(request_).case == case


@pytest.mark.parametrize(
    "returned",
    [
        "None",
        "'text'",
        "object()",
        "np.ones(1, dtype=object)",
        "np.ones((1, 1)) * 1j",
        "np.full((1, 1), np.nan)",
        "1e400",
    ],
)
def test_a_value_that_is_no_finite_array_is_described(parent: ForkingParent, returned: str) -> None:
    candidate = candidate_of(parent, LAYER.format(returned=returned))
    (reply,) = candidate.ask(backward(1.0))
    assert reply.steps[0].da_prev.array is None
    candidate.close()


@pytest.mark.parametrize(
    "statement",
    [
        "print('hello')",
        "import sys; sys.stdout.write('hello')",
        "import sys; sys.__stdout__.write('hello')",
        "import sys; sys.stdout.buffer.write(b'hello')",
        "import os; os.write(1, b'hello')",
        "import logging, sys; logging.basicConfig(stream=sys.stdout, format='%(message)s'); logging.warning('hello')",
        "import sys, io; sys.stdout = io.TextIOWrapper(sys.stdout.buffer); print('hello')",
        "import sys; sys.stdout.close(); print('hello')",
        "from tqdm import tqdm; tqdm.write('hello')",
    ],
)
def test_standard_output_is_captured_however_it_is_written(parent: ForkingParent, statement: str) -> None:
    assert printed(parent, statement) == "hello"


def test_a_flood_of_output_is_cut_and_marked_as_cut(parent: ForkingParent) -> None:
    loaded = load(parent, "for _ in range(100000): print('x' * 100)")
    assert loaded.output_cut
    assert len(loaded.output) <= 64 * 1024


@pytest.mark.parametrize(
    "statement",
    [
        "import matplotlib.pyplot as plt; fig, ax = plt.subplots(); ax.plot([1], [2], label='a'); plt.show()",
        "import matplotlib.pyplot as plt; fig, (a, b) = plt.subplots(1, 2, figsize=(3, 4)); a.set_title('t')",
        "import matplotlib.pyplot as plt; fig, axes = plt.subplots(2, 2); axes[0, 1].scatter([1], [2], c='r')",
        "import matplotlib.pyplot as plt; line, = plt.plot([1, 2]); n, bins, patches = plt.hist([1, 2, 3])",
        "from matplotlib.colors import ListedColormap; cm = ListedColormap(['#fff', '#000'])",
        "from mpl_toolkits.mplot3d import Axes3D",
        "import matplotlib; matplotlib.use('Agg'); matplotlib.rcParams['figure.dpi'] = 100",
        "import seaborn as sns; sns.set_theme(); sns.lineplot(x=[1], y=[2])",
        "import plotly.graph_objects as go; go.Figure(data=[go.Scatter(x=[1], y=[2])]).show()",
        "from IPython.display import display, clear_output, HTML; clear_output(wait=True); display(HTML('x'))",
        "import IPython; IPython.display.clear_output()",
        "display(1); get_ipython().run_line_magic('matplotlib', 'inline')",
        "assert get_ipython().getoutput('ls') == []",
        "from tqdm import tqdm, trange; assert list(tqdm(range(3), desc='e')) == [0, 1, 2] == list(trange(3))",
        "from tqdm.auto import tqdm; assert [i for i in tqdm([1, 2])] == [1, 2]",
        "import tqdm; assert list(tqdm.notebook.tqdm([1])) == [1]",
        "from tqdm import notebook; assert list(notebook.trange(2)) == [0, 1]",
        "from tqdm import tqdm\nwith tqdm(total=3) as bar:\n    bar.update(1); bar.set_postfix(loss=0.1)",
        "f'{__import__(\"matplotlib\").x:.3f}'",
        "import matplotlib.pyplot as plt\n@plt.ion\ndef f(): return 3\nassert f() == 3",
    ],
)
def test_plotting_and_display_packages_accept_every_call(parent: ForkingParent, statement: str) -> None:
    assert printed(parent, statement) == ""


@pytest.mark.parametrize(
    "file", ["numpy.py", "random.py", "utils.py", "my work (1).py", "übung.py", "__main__.py"]
)
def test_installed_modules_are_the_real_ones_whatever_the_file_is_called(
    parent: ForkingParent, file: str
) -> None:
    text = (
        "import numpy, random, utils\nprint(numpy.ones(1).size, random.randint(1, 1), utils.X_train.shape[1])"
    )
    assert printed(parent, text, file=file) == "1 1 2"


def test_a_helper_never_takes_the_place_of_an_installed_module(parent: ForkingParent) -> None:
    helpers = [
        helper(name, "raise RuntimeError('the wrong one')") for name in ("numpy", "utils", "random", "math")
    ]
    assert printed(parent, "import numpy, utils, random, math\nprint('fine')", *helpers) == "fine"


def test_helper_modules_can_be_imported_from_packages_and_from_each_other(parent: ForkingParent) -> None:
    helpers = (
        helper("one", "from pack.two import value\n"),
        Helper("pack", True, "pack/__init__.py", b""),
        helper("pack.two", "from .three import value\n"),
        helper("pack.three", "value = 7\n"),
        helper("bare.four", "value = 8\n"),
    )
    assert (
        printed(parent, "import one\nfrom bare.four import value\nprint(one.value, value)", *helpers) == "7 8"
    )


@pytest.mark.parametrize(
    "text",
    [
        "import pandas",
        "import pytest",
        "import grader",
        "import hypothesis",
    ],
)
def test_nothing_but_numpy_is_installed_for_a_submission(parent: ForkingParent, text: str) -> None:
    (event,) = load(parent, text).skipped
    assert event.raised is not None
    assert event.raised.type == "ModuleNotFoundError"


def test_the_module_is_set_up_as_an_imported_file(parent: ForkingParent) -> None:
    text = """
    import sys
    assert __name__ == "work" and __file__ == "work.py" and sys.argv == ["work.py"]
    assert sys.modules[__name__].__dict__ is globals()
    try:
        input()
    except EOFError:
        print("no input")
    """
    assert printed(parent, text) == "no input"


def test_dataclasses_with_string_annotations_work(parent: ForkingParent) -> None:
    text = """
    from __future__ import annotations
    from dataclasses import dataclass, fields
    @dataclass
    class Point:
        x: float = 1.0
    print(fields(Point)[0].type)
    """
    assert printed(parent, text) == "float"


@pytest.mark.parametrize(
    "draw",
    [
        "import random; print(random.random())",
        "import random; print(random.Random().random())",
        "import random; random.seed(); print(random.random())",
        "import random; print(random.SystemRandom().random())",
        "import numpy as np; print(np.random.rand())",
        "import numpy as np; print(np.random.default_rng().random())",
        "import numpy as np; np.random.seed(); print(np.random.rand())",
        "import numpy as np; print(np.random.RandomState().rand())",
        "import secrets; print(secrets.token_hex())",
        "import uuid; print(uuid.uuid4())",
        "import os; print(os.urandom(8))",
        "print(hash('text'), list({'a', 'b', 'c'}))",
    ],
)
def test_unseeded_draws_are_the_same_in_every_process(draw: str) -> None:
    results = []
    for _ in range(2):
        with ForkingParent() as parent:
            results.append(printed(parent, draw))
    assert results[0] == results[1] != ""


def test_the_environment_of_the_grader_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_THE_GRADER", "1")
    with ForkingParent(Isolation.PROCESS) as parent:
        text = "import os\nprint(dict(os.environ), 'SECRET' in open('/proc/self/environ').read())"
        assert printed(parent, text) == "{} False"


def test_no_descriptor_of_the_grader_is_inherited(bare: ForkingParent, tmp_path: Path) -> None:
    secret = tmp_path / "marks"
    secret.write_text("100")
    with secret.open() as file:
        os.set_inheritable(file.fileno(), True)
        text = (
            "import os\nprint([os.readlink(f'/proc/self/fd/{n}') for n in os.listdir('/proc/self/fd')[:-1]])"
        )
        assert "marks" not in printed(bare, text)


def test_nothing_can_be_written_to_a_file(bare: ForkingParent) -> None:
    loaded = load(bare, "with open('out.txt', 'w') as f:\n    f.write('x')\n")
    assert loaded.skipped


def test_processes_left_behind_are_killed(bare: ForkingParent) -> None:
    text = """
    import os, time
    child = os.fork()
    if child == 0:
        os.setsid()
        time.sleep(1000)
    print(child)
    """
    child = int(printed(bare, text))
    assert not Path(f"/proc/{child}").exists()
