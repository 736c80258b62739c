import numpy as np

from . import loss as bce


class Perceptron:
    def __init__(self, layers):
        self.layers = layers

    def forward(self, inputs):
        for layer in self.layers:
            inputs = layer.forward(inputs)
        return inputs

    def fit(self, training_data, labels, epochs, learning_rate):
        for epoch in range(1, epochs + 1):
            values = [self._train(x, y, learning_rate) for x, y in zip(training_data, labels)]
            print("Loss at epoch %i: %.3f" % (epoch, np.mean(values)))

    def _train(self, x, y, learning_rate):
        p = self.forward(x)
        da = bce.slope(y, p)
        for layer in reversed(self.layers):
            da = layer.backward(da, learning_rate)
        return bce.value(y, p)
