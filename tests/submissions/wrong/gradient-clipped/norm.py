# -*- coding: utf-8 -*-
# Abgabe Uebung 4: mehrschichtiges Perzeptron
import numpy as np
from utils import X_train, y_train, relu, sigmoid


class Layer:
    def __init__(self, n_inputs, n_neurons, activation_function):
        zufall = np.random.default_rng(4)
        self.weights = zufall.uniform(-1, 1, (n_neurons, n_inputs))
        self.biases = zufall.uniform(-1, 1, (n_neurons, 1))
        self.activation = activation_function

    def forward(self, inputs):
        self.inputs = np.reshape(inputs, (-1, 1))
        self.outputs = np.matmul(self.weights, self.inputs) + self.biases
        return self.activation(self.outputs)

    def backward(self, da, learning_rate):
        ableitung = self.activation.derivative(self.outputs)
        fehler = ableitung * da
        laenge = np.linalg.norm(fehler)
        if laenge > 1.0:
            fehler = fehler / laenge
        zurueck = np.matmul(self.weights.T, fehler)
        self.weights = self.weights - learning_rate * np.outer(fehler, self.inputs)
        self.biases = self.biases - learning_rate * fehler
        return zurueck


class Perceptron:
    def __init__(self, layers):
        self.layers = layers

    def forward(self, inputs):
        for schicht in self.layers:
            inputs = schicht.forward(inputs)
        return inputs

    def fit(self, training_data, labels, epochs, learning_rate):
        anzahl = len(labels)
        for epoche in range(epochs):
            summe = 0.0
            for nr in np.random.permutation(anzahl):
                ziel = labels[nr].item()
                vorhersage = self.forward(training_data[nr]).item()
                summe -= ziel * np.log(vorhersage) + (1 - ziel) * np.log(1 - vorhersage)
                gradient = np.atleast_2d((vorhersage - ziel) / (vorhersage * (1 - vorhersage)))
                for schicht in reversed(self.layers):
                    gradient = schicht.backward(gradient, learning_rate)
            print(f"Loss at epoch {epoche + 1}: {summe / anzahl:.3f}")


netz = Perceptron([Layer(2, 6, relu), Layer(6, 1, sigmoid)])
netz.fit(X_train, y_train, 5, 0.01)
