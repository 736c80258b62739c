# free: np.errstate as a decorator, np.vectorize for the loss, np.asmatrix in backward, one loss array for all epochs, keyword call of a later layer
import numpy as np
from utils import relu, sigmoid, X_train, y_train


@np.vectorize
def loss_of(y, p):
    return -np.log(p) if y > 0.5 else -np.log1p(-p)


class Layer:
    def __init__(self, n_inputs, n_neurons, activation_function):
        self.weights = np.random.uniform(low=-1, high=1, size=[n_neurons, n_inputs])
        self.biases = np.random.uniform(low=-1, high=1, size=[n_neurons, 1])
        self.activation = activation_function

    def forward(self, inputs):
        self.inputs = np.reshape(inputs, (-1, 1))
        self.outputs = np.asarray(self.weights) @ self.inputs + np.asarray(self.biases)
        return self.activation(self.outputs)

    def backward(self, da, learning_rate):
        W = np.asmatrix(self.weights)
        a = np.asmatrix(self.inputs)
        dz = np.asmatrix(np.multiply(da, self.activation.derivative(self.outputs)))
        self.weights = np.asarray(W - learning_rate * (dz * a.T))
        self.biases = np.asarray(np.asmatrix(self.biases) - learning_rate * dz)
        return np.asarray(W.T * dz)


class Perceptron:
    def __init__(self, layers):
        self.first, self.last = layers[:-1], layers[-1]

    def forward(self, inputs):
        for layer in self.first:
            inputs = layer.forward(inputs)
        return self.last.forward(inputs)

    @np.errstate(divide="ignore", over="ignore")
    def fit(self, training_data, labels, epochs, learning_rate):
        N = len(training_data)
        predictions = np.zeros((epochs, N))
        for epoch in range(epochs):
            for i in range(N):
                predictions[epoch, i] = p = self.forward(training_data[i]).item()
                y = labels.item(i)
                da = self.last.backward(learning_rate=learning_rate, da=np.array([[(p - y) / p / (1 - p)]]))
                for layer in self.first[::-1]:
                    da = layer.backward(da=da, learning_rate=learning_rate)
        losses = loss_of(labels.T, predictions).mean(axis=1)
        for line in map("Loss at epoch {}: {:.3f}".format, range(1, epochs + 1), losses):
            print(line)
        return losses
