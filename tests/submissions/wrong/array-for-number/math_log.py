import math
import random

import numpy as np
from utils import relu, sigmoid, X_train, y_train


class Layer:
    def __init__(self, n_inputs, n_neurons, activation_function):
        w = []
        for i in range(n_neurons):
            row = []
            for j in range(n_inputs):
                row.append(random.uniform(-1, 1))
            w.append(row)
        self.weights = np.array(w)
        self.biases = np.array([[random.uniform(-1, 1)] for i in range(n_neurons)])
        self.activation = activation_function
        self.inputs = None
        self.outputs = None

    def forward(self, inputs):
        self.inputs = np.array(inputs).reshape(-1, 1)
        z = []
        for i in range(len(self.weights)):
            total = self.biases[i][0]
            for j in range(len(self.weights[i])):
                total = total + self.weights[i][j] * self.inputs[j][0]
            z.append([total])
        self.outputs = np.array(z)
        return self.activation(self.outputs)

    def backward(self, da, learning_rate):
        slope = self.activation.derivative(self.outputs)
        dz = []
        i = 0
        while i < len(self.weights):
            dz.append(float(da[i][0]) * float(slope[i][0]))
            i = i + 1
        # gradient for the layer before, with the OLD weights
        da_prev = []
        for j in range(len(self.inputs)):
            s = 0.0
            for i in range(len(dz)):
                s += float(self.weights[i][j]) * dz[i]
            da_prev.append([s])
        new_w = []
        new_b = []
        for i in range(len(dz)):
            row = []
            for j in range(len(self.inputs)):
                row.append(float(self.weights[i][j]) - learning_rate * dz[i] * float(self.inputs[j][0]))
            new_w.append(row)
            new_b.append([float(self.biases[i][0]) - learning_rate * dz[i]])
        self.weights = np.array(new_w)
        self.biases = np.array(new_b)
        return np.array(da_prev)


class Perceptron:
    def __init__(self, layers):
        self.layers = layers

    def forward(self, inputs):
        a = inputs
        for i in range(len(self.layers)):
            a = self.layers[i].forward(a)
        return a

    def fit(self, training_data, labels, epochs, learning_rate):
        epoch = 0
        while epoch < epochs:
            epoch = epoch + 1
            loss_sum = 0.0
            for i in range(len(training_data)):
                out = self.forward(training_data[i])
                p = out
                if labels[i][0] == 1:
                    loss = -math.log(p)
                    d = -1 / p
                else:
                    loss = -math.log(1 - p)
                    d = 1 / (1 - p)
                loss_sum = loss_sum + loss
                da = np.array([[d]])
                k = len(self.layers) - 1
                while k >= 0:
                    da = self.layers[k].backward(da, learning_rate)
                    k = k - 1
            print("Loss at epoch " + str(epoch) + ": " + str(round(loss_sum / len(training_data), 3)))
