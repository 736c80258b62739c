"""What the grader tells the forking parent: ``ParentSettings`` first, as JSON on standard input, then JSON messages.

``{"op": "spawn", "memory": bytes, "cpu": seconds}``, with the worker's socket beside it, forks a worker. The answer is
``{}``; or ``missing``, a layer of the wall and why it is missing; or ``failed``, why nothing could be forked.

``{"op": "alarm"}`` sends the worker SIGALRM; the answer is ``{}``.

``{"op": "end", "hung_up": bool}`` kills whatever was forked; a worker that has hung up is first given time to end. The
answer is the wait ``status`` (``null`` if there was no worker), the ``seconds`` of processor time, and whether it still
``ran``.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["ParentSettings"]


class ParentSettings(NamedTuple):
    """What a forking parent needs to know to start."""

    isolation: str
    """``strict``, ``user`` or ``process``."""
    numpy: str
    """NumPy's folder."""
    utils: str
    """The path of the ``utils.py`` that students receive."""
    hidden: list[str]
    """The paths that no candidate may read."""
    folder: str
    """A folder of the grader's, for the root folder of candidates."""
