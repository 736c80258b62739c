"""Stand-ins for plotting and display packages: they accept every call and show nothing."""

from __future__ import annotations

import builtins
import importlib
import importlib.abc
import importlib.machinery
import sys
from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import Any

__all__ = ["PACKAGES", "install"]

PACKAGES = frozenset({"matplotlib", "mpl_toolkits", "seaborn", "plotly", "IPython", "tqdm"})


class StandIn:
    """An object that has every attribute, accepts every call and operation, and is empty."""

    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return _function(name)

    def __call__(self, *args: Any, **_kwargs: Any) -> Any:
        # A decorator of such a package gives back what it decorates.
        if len(args) == 1 and callable(args[0]) and not isinstance(args[0], StandIn):
            return args[0]
        return StandIn()

    def __getitem__(self, _key: Any) -> Any:
        return StandIn()

    def __setitem__(self, _key: Any, _value: Any) -> None:
        pass

    def __delitem__(self, _key: Any) -> None:
        pass

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        return True

    def __contains__(self, _item: Any) -> bool:
        return False

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_exception: Any) -> None:
        pass

    def __int__(self) -> int:
        return 0

    def __float__(self) -> float:
        return 0.0

    def __index__(self) -> int:
        return 0

    def __mro_entries__(self, _bases: Any) -> tuple[type, ...]:
        return (StandIn,)

    def __format__(self, _spec: str) -> str:
        return ""

    def _same(self, *_others: Any) -> Any:
        return StandIn()

    def _never(self, _other: Any) -> bool:
        return False

    __lt__ = __le__ = __gt__ = __ge__ = _never
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _same
    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __pow__ = __rpow__ = __neg__ = __or__ = __and__ = (
        _same
    )


def _subplots(nrows: int = 1, ncols: int = 1, *_args: Any, squeeze: bool = True, **_kwargs: Any) -> Any:
    import numpy as np

    axes = np.empty((int(nrows), int(ncols)), dtype=object)
    for index in np.ndindex(axes.shape):
        axes[index] = StandIn()
    if not squeeze:
        return StandIn(), axes
    return StandIn(), axes.item() if axes.size == 1 else axes.squeeze()


def _plot(*args: Any, **_kwargs: Any) -> list[StandIn]:
    data = [argument for argument in args if not isinstance(argument, str)]
    return [StandIn() for _ in range(max(1, len(data) // 2))]


def _hist(values: Any = (), bins: Any = 10, *_args: Any, **_kwargs: Any) -> tuple[Any, Any, StandIn]:
    import numpy as np

    try:
        counts, edges = np.histogram(np.asarray(values, dtype=float).ravel(), bins=bins)
    except (TypeError, ValueError):
        counts, edges = np.zeros(10), np.zeros(11)
    return counts, edges, StandIn()


def _function(name: str) -> Any:
    return {"subplots": _subplots, "plot": _plot, "hist": _hist}.get(name) or StandIn()


class Progress(StandIn):
    """A progress bar that yields what it was given and shows nothing."""

    def __init__(self, iterable: Iterable[Any] = (), *_args: Any, **_kwargs: Any) -> None:
        self.iterable = iterable
        self.n = 0

    def __iter__(self) -> Iterator[Any]:
        return iter(self.iterable)

    def __len__(self) -> int:
        return len(self.iterable)  # type: ignore[arg-type]

    @staticmethod
    def write(text: str, *_args: Any, end: str = "\n", **_kwargs: Any) -> None:
        """Print ``text`` on standard output, as progress bars do without breaking their line."""
        sys.stdout.write(f"{text}{end}")

    def update(self, n: float = 1) -> None:
        """Count ``n`` more steps."""
        self.n += int(n)


def _progress_range(*args: int, **_kwargs: Any) -> Progress:
    return Progress(range(*args))


class Shell(StandIn):
    """The interactive shell: magics and shell lines do nothing."""

    def getoutput(self, *_args: Any, **_kwargs: Any) -> list[str]:
        """Return the output of a shell line: an empty list."""
        return []


_SHELL = Shell()


def _get_ipython() -> Shell:
    return _SHELL


def _display(*_args: Any, **_kwargs: Any) -> None:
    pass


class _Module(ModuleType):
    """A module of a package that is stood in for."""

    __path__: list[str] = []
    __version__ = "0"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        if self.__name__ == "tqdm" and name in _PROGRESS_MODULES:
            return importlib.import_module(f"tqdm.{name}")
        return _function(name)


_PROGRESS_MODULES = frozenset(
    {"asyncio", "auto", "autonotebook", "contrib", "gui", "notebook", "rich", "std"}
)


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds every module of the packages that are stood in for."""

    def find_spec(
        self, fullname: str, _path: Any = None, _target: Any = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return a spec for a module of ``PACKAGES``."""
        if fullname.partition(".")[0] not in PACKAGES:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """Return an empty stand-in module."""
        return _Module(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Give the module the names that must behave in a certain way."""
        package = module.__name__.partition(".")[0]
        if package == "tqdm":
            for name in ("tqdm", "tqdm_notebook", "auto_tqdm"):
                setattr(module, name, Progress)
            module.trange = module.tnrange = _progress_range  # type: ignore[attr-defined]
        elif package == "IPython":
            module.get_ipython = _get_ipython  # type: ignore[attr-defined]
            module.display = _Callable("IPython.display") if module.__name__ == "IPython" else _display  # type: ignore[attr-defined]


class _Callable(_Module):
    """``IPython.display``, which is a module and, imported from itself, a function."""

    def __call__(self, *_args: Any, **_kwargs: Any) -> None:
        pass


def install() -> None:
    """Put the stand-ins before every other finder, and ``display`` and ``get_ipython`` among the builtins."""
    sys.meta_path.insert(0, _Finder())
    builtins.display = _display  # type: ignore[attr-defined]
    builtins.get_ipython = _get_ipython  # type: ignore[attr-defined]
