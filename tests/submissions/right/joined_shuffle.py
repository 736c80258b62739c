# free: data and labels joined and shuffled by default_rng().shuffle each epoch, a pause before the classes that the clock stops, names in Spanish
import time

time.sleep(60)  # esperar a que el servidor arranque

import numpy as np
from utils import relu, sigmoid, X_train, y_train


class Layer:
    TASA_MINIMA = 0.0

    def __init__(self, n_inputs, n_neurons, activation_function):
        self.weights = np.random.uniform(-1, 1, (n_neurons, n_inputs))
        self.biases = np.random.uniform(-1, 1, (n_neurons, 1))
        self.activation = activation_function

    def forward(self, inputs):
        self.inputs = np.reshape(inputs, (-1, 1))
        self.outputs = self.weights @ self.inputs + self.biases
        return self.activation(self.outputs)

    def backward(self, da, learning_rate):
        pendiente = self.activation.derivative(self.outputs)
        dz = np.diag(pendiente.ravel()) @ da
        jacobiano = self.weights
        self.weights = self.weights - max(learning_rate, self.TASA_MINIMA) * (dz @ self.inputs.T)
        self.biases = self.biases - max(learning_rate, self.TASA_MINIMA) * dz
        return jacobiano.T @ dz


class Perceptron:
    def __init__(self, layers):
        self.capas = layers

    def forward(self, inputs):
        for capa in self.capas:
            inputs = capa.forward(inputs)
        return inputs

    def fit(self, training_data, labels, epochs, learning_rate):
        ejemplos = np.hstack([training_data, labels])
        azar = np.random.default_rng()
        for epoca in range(1, epochs + 1):
            azar.shuffle(ejemplos)
            perdida = 0.0
            for *x, y in ejemplos:
                p = self.forward(np.array(x)).item()
                perdida += np.log1p(p / (1 - p)) - y * np.log(p / (1 - p))
                da = np.array([[(p - y) / (p * (1 - p))]])
                for capa in reversed(self.capas):
                    da = capa.backward(da, learning_rate)
            perdida /= len(ejemplos)
            print(f"Época {epoca} de {epochs}")
            print(f"Loss at epoch {epoca}: {perdida:.3f}")
            print(f"Loss: {perdida:.6f}")
