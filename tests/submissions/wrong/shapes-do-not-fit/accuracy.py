from IPython.display import *
from matplotlib.pyplot import *
from numpy import *

from utils import *


class Layer:
    def __init__(self, n_inputs, n_neurons, activation_function):
        self.weights = random.uniform(-1, 1, (n_neurons, n_inputs))
        self.biases = random.uniform(-1, 1, (n_neurons, 1))
        self.activation = activation_function

    def forward(self, inputs):
        self.inputs = reshape(inputs, (-1, 1))
        self.outputs = dot(self.weights, self.inputs) + self.biases
        return self.activation(self.outputs)

    def backward(self, da, learning_rate):
        dz = multiply(da, self.activation.derivative(self.outputs))
        da_prev = dot(transpose(self.weights), dz)
        self.weights = self.weights - learning_rate * dot(dz, transpose(self.inputs))
        self.biases = self.biases - learning_rate * dz
        return da_prev


class Perceptron:
    def __init__(self, layers):
        self.layers = layers

    def forward(self, inputs):
        for layer in self.layers:
            inputs = layer.forward(inputs)
        return inputs

    def fit(self, training_data, labels, epochs, learning_rate):
        losses = zeros(epochs)
        for k in arange(epochs):
            for n in random.permutation(len(labels)):
                y, p = labels[n, 0], self.forward(training_data[n])[0, 0]
                losses[k] -= (y * log(p) + (1 - y) * log(1 - p)) / len(labels)
                da = array([[(p - y) / (p * (1 - p))]])
                for layer in self.layers[::-1]:
                    da = layer.backward(da, learning_rate)
            correct = dot(labels, array([[self.forward(x)[0, 0] > 0.5] for x in training_data]))
            clear_output(wait=True)
            print(f"Loss at epoch {k + 1}: {losses[k]:.3f}")
        figure(figsize=(6, 4))
        plot(losses, "k.-")
        xlabel("epoch")
        grid(True)
        show()
