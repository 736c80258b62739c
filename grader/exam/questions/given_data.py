"""Read the training data that students are given."""

from __future__ import annotations

import importlib.util
from functools import cache

from grader.exam.questions.cases import Numbers
from grader.resources import utils_path

__all__ = ["given_data"]


@cache
def given_data() -> tuple[tuple[Numbers, ...], Numbers]:
    """Return the rows and the labels of the training data in the ``utils.py`` that students are given."""
    spec = importlib.util.spec_from_file_location("given_utils", utils_path())
    if spec is None or spec.loader is None:
        raise RuntimeError("the kit's own utils.py cannot be read")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return tuple(map(tuple, module.X_train.tolist())), tuple(module.y_train.ravel().tolist())
