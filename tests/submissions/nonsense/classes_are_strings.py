# earns: nothing
"""The classes are strings."""

Layer = "class Layer: ..."
Perceptron = "class Perceptron: ..."
