# free: helper modules beside the file, an own broken utils.py that is never used, README and csv in the folder, a plot helper imported inside fit
import numpy as np

import losses
from dense import Layer
from utils import X_train, relu, sigmoid, y_train


class Perceptron:
    def __init__(self, layers):
        self.layers = layers

    def forward(self, inputs):
        for layer in self.layers:
            inputs = layer.forward(inputs)
        return inputs

    def fit(self, training_data, labels, epochs, learning_rate):
        from plots import show_curve

        curve = []
        for epoch in range(epochs):
            total = 0
            for i in range(len(training_data)):
                p = self.forward(training_data[i]).item()
                total += losses.binary_cross_entropy(labels[i, 0], p)
                da = np.array([[losses.derivative(labels[i, 0], p)]])
                for layer in self.layers[::-1]:
                    da = layer.backward(da, learning_rate)
            curve.append(total / len(training_data))
            losses.report(epoch + 1, curve[-1])
        show_curve(curve)
        return curve


measurements = np.loadtxt("measurements.csv", delimiter=",", skiprows=1)
print(measurements.shape)
