"""The commands ``grade`` and ``perceptron-kit``: options in, exit codes and text on the standard streams out."""

import gc

# What is imported lives as long as the process, and there is much of it.
gc.set_threshold(200_000, 20, 20)
