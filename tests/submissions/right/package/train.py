# free: a package with relative imports beside the file, classes only imported, a base class elsewhere, tests of one's own at module level
"""Train the network of the package nn."""
import numpy as np

from nn import Layer, Perceptron
from utils import X_train, relu, sigmoid, y_train

layer = Layer(2, 1, relu)
layer.forward(np.array([[1.0, 2.0]]))
assert layer.backward(np.ones((1, 1)), 0.1).shape == (2, 1)

if __name__ == "__main__":
    Perceptron([Layer(2, 6, relu), Layer(6, 6, relu), Layer(6, 1, sigmoid)]).fit(X_train, y_train, 100, 0.01)
