# free: the lines written by a Tee in place of sys.stdout, to sys.__stdout__, by os.write and by the root logger, one way after another
import logging
import os
import sys

import numpy as np
from utils import relu, sigmoid, X_train, y_train

logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(message)s", force=True)


class Tee:
    def __init__(self, *streams):
        self.streams = streams

    def write(self, text):
        for stream in self.streams:
            stream.write(text)

    def flush(self):
        for stream in self.streams:
            stream.flush()


class Memory(list):
    write = list.append

    def flush(self):
        pass


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
        dz = da * self.activation.derivative(self.outputs)
        da_prev = self.weights.T @ dz
        self.weights -= learning_rate * dz @ self.inputs.T
        self.biases -= learning_rate * dz
        return da_prev


class Perceptron:
    def __init__(self, layers):
        self.layers = layers

    def forward(self, inputs):
        for layer in self.layers:
            inputs = layer.forward(inputs)
        return inputs

    def say(self, epoch, line):
        if epoch % 4 == 1:
            before, sys.stdout = sys.stdout, Tee(sys.stdout, Memory())
            print(line)
            sys.stdout = before
        elif epoch % 4 == 2:
            print(line, file=sys.__stdout__)
        elif epoch % 4 == 3:
            sys.stdout.flush()
            os.write(1, f"{line}\n".encode())
        else:
            logging.info(line)

    def fit(self, training_data, labels, epochs, learning_rate):
        for epoch in range(1, epochs + 1):
            total = 0.0
            for x, y in zip(training_data, labels[:, 0]):
                p = self.forward(x).item()
                total -= y * np.log(p) + (1 - y) * np.log(1 - p)
                da = np.array([[(p - y) / (p * (1 - p))]])
                for layer in reversed(self.layers):
                    da = layer.backward(da, learning_rate)
            self.say(epoch, f"Loss at epoch {epoch}: {total / len(labels):.3f}")
            print(f"Loss at epoch {epoch}: {total / len(labels):.3f}", file=sys.stderr)
