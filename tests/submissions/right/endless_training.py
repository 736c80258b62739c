# free: unguarded training that only the clock stops, a bare except around input(), argparse and sys.exit at module level, atexit
import argparse
import atexit
import sys

import numpy as np

from utils import relu, sigmoid, X_train, y_train

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=50)
parser.add_argument("--rate", type=float, default=0.01)
args = parser.parse_args()
atexit.register(print, "bye")


class Layer:
    def __init__(self, n_inputs, n_neurons, activation_function):
        self.weights = np.random.uniform(-1, 1, (n_neurons, n_inputs))
        self.biases = np.random.uniform(-1, 1, (n_neurons, 1))
        self.activation = activation_function

    def forward(self, inputs):
        self.inputs = np.reshape(inputs, (-1, 1))
        self.outputs = self.weights @ self.inputs + self.biases
        return self.activation(self.outputs)

    def backward(self, da, learning_rate):
        dz = np.multiply(da, self.activation.derivative(self.outputs))
        da_prev = self.weights.T.dot(dz)
        self.weights -= learning_rate * np.dot(dz, self.inputs.T)
        self.biases -= learning_rate * dz
        return da_prev


class Perceptron:
    def __init__(self, layers):
        self.layers = layers

    def forward(self, inputs):
        for layer in self.layers:
            inputs = layer.forward(inputs)
        return inputs

    def fit(self, training_data, labels, epochs, learning_rate):
        for epoch in range(epochs):
            loss = 0
            for x, y in zip(training_data, labels):
                y_hat = self.forward(x)
                loss += -(y * np.log(y_hat) + (1 - y) * np.log(1 - y_hat))
                da = (y_hat - y) / (y_hat * (1 - y_hat))
                for layer in reversed(self.layers):
                    da = layer.backward(da, learning_rate)
            print("Loss at epoch {:d}: {:.3f}".format(epoch + 1, (loss / len(labels)).item()))


while True:
    try:
        epochs = int(input("How many epochs? "))
        break
    except:
        print("Please enter a number!")

perceptron = Perceptron([Layer(2, 6, relu), Layer(6, 6, relu), Layer(6, 1, sigmoid)])
while True:  # until it is good enough
    perceptron.fit(X_train, y_train, args.epochs, args.rate)
sys.exit(0)
