"""The commands of ``perceptron-kit``, one in a module; each is imported when it is run."""
