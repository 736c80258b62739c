"""The commands ``grade`` and ``perceptron-kit``: options in, exit codes and text on the standard streams out."""

import os

from grader.economy import ONE_THREAD, collect_garbage_seldom

collect_garbage_seldom()
os.environ.update(ONE_THREAD)
