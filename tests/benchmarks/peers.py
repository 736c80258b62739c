from pathlib import Path


def time_peers(folder: Path, rate: float) -> None: ...
