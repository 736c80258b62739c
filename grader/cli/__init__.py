"""The commands ``grade`` and ``perceptron-kit``: options in, exit codes and text on the standard streams out."""
