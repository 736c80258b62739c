"""Stubs for plotting and display packages: they accept every call and show nothing."""

from __future__ import annotations

import builtins
import importlib
import importlib.machinery
import sys
from collections.abc import Callable, Iterable, Iterator
from types import ModuleType
from typing import Any

__all__ = ["PACKAGES", "install"]

PACKAGES = frozenset({"matplotlib", "mpl_toolkits", "pylab", "seaborn", "plotly", "IPython", "tqdm"})


class Stub:
    """An empty object that has every attribute and accepts every call and operation."""

    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        if name == "subplots":
            return _axes
        return _UNPACKED.get(name) or Stub()

    def __call__(self, *args: Any, **_kwargs: Any) -> Any:
        # It may be a decorator, which returns what it decorates.
        if len(args) == 1 and callable(args[0]) and not isinstance(args[0], Stub):
            return args[0]
        return Stub()

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __bool__(self) -> bool:
        return True

    def __enter__(self) -> Any:
        return self

    def __float__(self) -> float:
        return 0.0

    def __mro_entries__(self, _bases: Any) -> tuple[type, ...]:
        return (Stub,)

    def __format__(self, _spec: str) -> str:
        return ""

    def _nothing(self, *_args: Any) -> None:
        pass

    def _zero(self) -> int:
        return 0

    def _false(self, _other: Any) -> bool:
        return False

    def _stub(self, *_args: Any) -> Any:
        return Stub()

    __setitem__ = __delitem__ = __exit__ = _nothing
    __len__ = __int__ = __index__ = _zero
    __contains__ = __lt__ = __le__ = __gt__ = __ge__ = _false
    __getitem__ = __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _stub
    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = _stub
    __pow__ = __rpow__ = __neg__ = __or__ = __and__ = _stub


def _axes(nrows: int = 1, ncols: int = 1, *_args: Any, squeeze: bool = True, **_kwargs: Any) -> Any:
    import numpy as np

    axes = np.empty((int(nrows), int(ncols)), dtype=object)
    for index in np.ndindex(axes.shape):
        axes[index] = Stub()
    if not squeeze:
        return axes
    return axes.item() if axes.size == 1 else axes.squeeze()


def _subplots(*args: Any, **kwargs: Any) -> tuple[Stub, Any]:
    return Stub(), _axes(*args, **kwargs)


_X_AND_Y = 2


def _plot(*args: Any, **_kwargs: Any) -> list[Stub]:
    """Return a line for each ``[x], y, [format]`` in ``args``, or for each column of the data."""
    left, lines = list(args), 0
    while left:
        data: list[Any] = []
        while left and len(data) < _X_AND_Y and not isinstance(left[0], str):
            data.append(left.pop(0))
        if left and isinstance(left[0], str):
            left.pop(0)
        lines += max(map(_columns, data), default=1)
    return [Stub() for _ in range(max(lines, 1))]


def _columns(data: Any) -> int:
    shape: tuple[int, ...] = getattr(data, "shape", ())
    return shape[1] if len(shape) == 2 else 1  # noqa: PLR2004 - a matrix


def _hist(values: Any = (), bins: Any = 10, *_args: Any, **_kwargs: Any) -> tuple[Any, Any, Stub]:
    import numpy as np

    try:
        counts, edges = np.histogram(np.asarray(values, dtype=float).ravel(), bins=bins)
    except (TypeError, ValueError):
        counts, edges = np.zeros(10), np.zeros(11)
    return counts, edges, Stub()


def _limits(*_args: Any, **_kwargs: Any) -> tuple[float, float]:
    return 0.0, 1.0


_UNPACKED: dict[str, Any] = {
    "plot": _plot,
    "hist": _hist,
    **dict.fromkeys(("xlim", "ylim", "get_xlim", "get_ylim", "get_clim"), _limits),
}
"""Functions of pyplot and axes whose results students unpack."""


class Progress(Stub):
    """A progress bar that shows nothing and yields what it was given."""

    def __init__(self, iterable: Iterable[Any] = (), *_args: Any, **_kwargs: Any) -> None:
        self.iterable = iterable
        self.n = 0

    def __iter__(self) -> Iterator[Any]:
        return iter(self.iterable)

    def __reversed__(self) -> Iterator[Any]:
        return reversed(self.iterable)  # type: ignore[call-overload,no-any-return]

    def __contains__(self, item: Any) -> bool:
        return item in self.iterable

    def __len__(self) -> int:
        return len(self.iterable)  # type: ignore[arg-type]

    @staticmethod
    def write(text: str, file: Any = None, end: str = "\n", **_kwargs: Any) -> None:
        """Print ``text``."""
        print(text, file=file, end=end)

    def update(self, n: float = 1) -> None:
        """Count ``n`` more steps."""
        self.n += int(n)


def _quiet(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``function`` without the options of a progress bar."""
    return lambda *args, **_options: function(*args)


_PROGRESS: dict[str, Any] = {
    **dict.fromkeys(("tqdm", "tqdm_notebook", "auto_tqdm"), Progress),
    **dict.fromkeys(("trange", "tnrange"), _quiet(lambda *args: Progress(range(*args)))),
    "tenumerate": lambda iterable, start=0, **_options: enumerate(iterable, start),
    "tzip": _quiet(zip),
    "tmap": _quiet(map),
}
"""The names of tqdm."""


class Shell(Stub):
    """IPython's shell; its magics and shell lines do nothing."""

    def getoutput(self, *_args: Any, **_kwargs: Any) -> list[str]:
        """Return the output of a shell line, which is empty."""
        return []


_SHELL = Shell()


def _get_ipython() -> Shell:
    return _SHELL


def _display(*_args: Any, **_kwargs: Any) -> None:
    pass


class _Module(ModuleType):
    """A module of a package that has a stub."""

    __path__: list[str] = []  # noqa: RUF012 - as in ModuleType
    __version__ = "0"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        if name in _SUBMODULES.get(self.__name__, ()):
            return importlib.import_module(f"{self.__name__}.{name}")
        return _subplots if name == "subplots" and self.__name__ in _PYPLOTS else Stub()


_PYPLOTS = frozenset({"matplotlib.pyplot", "matplotlib.pylab", "pylab"})
_SUBMODULES = {
    "matplotlib": frozenset({"pyplot", "pylab"}),
    "tqdm": frozenset({"asyncio", "auto", "autonotebook", "contrib", "gui", "notebook", "rich", "std"}),
}
_STARRED = {
    "matplotlib": """
        annotate arrow axes axhline axis axvline bar barh boxplot cla clf close clim cm colorbar contour
        contourf draw errorbar figtext figure fill_between gca gcf grid hist hlines imshow ioff ion legend
        loglog margins matshow pause pcolormesh plot quiver rc rcParams savefig scatter semilogx semilogy
        show stem step style subplot subplots subplots_adjust suptitle text tick_params tight_layout title
        twinx vlines xlabel xlim xscale xticks ylabel ylim yscale yticks
    """,
    "IPython": """
        Audio Code HTML IFrame Image JSON Javascript Latex Markdown Math Pretty SVG Video YouTubeVideo
        clear_output display get_ipython update_display
    """,
    "tqdm": "tqdm tqdm_notebook tnrange trange",
}
"""By package, the names that ``from … import *`` binds."""


class _Finder:
    """Finds every module of the packages that have stubs."""

    def find_spec(
        self, fullname: str, _path: Any = None, _target: Any = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return a spec for a module of ``PACKAGES``."""
        if fullname.partition(".")[0] not in PACKAGES:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)  # type: ignore[arg-type]

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """Return an empty module."""
        return _Module(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Add the names that need a certain behaviour."""
        package = module.__name__.partition(".")[0]
        names = vars(module)
        names["__all__"] = _STARRED.get(package, "").split()
        if module.__name__ in _PYPLOTS:
            _become_pyplot(module)
        elif package == "tqdm":
            names |= _PROGRESS
        elif package == "IPython":
            names["get_ipython"] = _get_ipython
            names["display"] = _Callable("IPython.display") if module.__name__ == "IPython" else _display


def _become_pyplot(module: ModuleType) -> None:
    """Add NumPy, as in pyplot, and to pylab all the names that NumPy exports."""
    import numpy as np

    names = vars(module)
    names |= {"np": np, **_UNPACKED}
    names["__all__"] = [*_STARRED["matplotlib"].split(), "np"]
    if module.__name__.endswith("pylab"):
        names |= {name: getattr(np, name) for name in np.__all__}
        names["__all__"] += np.__all__


class _Callable(_Module):
    """``IPython.display``, which is a module and also a function."""

    def __call__(self, *_args: Any, **_kwargs: Any) -> None:
        pass


def install() -> None:
    """Put the stubs before every other finder, and ``display`` and ``get_ipython`` into the builtins."""
    sys.meta_path.insert(0, _Finder())
    builtins.display = _display  # type: ignore[attr-defined]
    builtins.get_ipython = _get_ipython  # type: ignore[attr-defined]
