"""How an examination in another process fails."""

__all__ = ["WorkerDiedError"]


class WorkerDiedError(Exception):
    """The process that a call was made in ended before it answered, or cannot be used any longer."""
