"""The commands ``grade`` and ``perceptron-kit``: options in, exit codes and text on the standard streams out."""

import os

from grader.economy import ONE_THREAD, collect_garbage_rarely

collect_garbage_rarely()
os.environ.update(ONE_THREAD)
