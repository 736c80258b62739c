# earns: nothing
"""Classes whose every attribute is a function that returns a number."""


class Layer:
    def __init__(self, *args):
        pass

    def __getattr__(self, name):
        return lambda *args, **kwargs: 1.0


class Perceptron(Layer):
    pass
