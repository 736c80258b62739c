# free: after every epoch the accuracy on all of X_train (128 forward passes), where the data has its two features
import numpy as np
from utils import X_train, y_train, relu, sigmoid


class Layer:
    def __init__(self, n_inputs, n_neurons, activation_function):
        self.weights = np.random.uniform(-1, 1, (n_neurons, n_inputs))
        self.biases = np.random.uniform(-1, 1, (n_neurons, 1))
        self.activation = activation_function

    def forward(self, inputs):
        self.inputs = np.reshape(inputs, (-1, 1))
        self.outputs = np.matmul(self.weights, self.inputs) + self.biases
        return self.activation(self.outputs)

    def backward(self, da, learning_rate):
        dz = np.multiply(da, self.activation.derivative(self.outputs))
        d_weights = np.matmul(dz, np.transpose(self.inputs))
        da_prev = np.matmul(np.transpose(self.weights), dz)
        self.weights = np.subtract(self.weights, np.multiply(learning_rate, d_weights))
        self.biases = np.subtract(self.biases, np.multiply(learning_rate, dz))
        return da_prev


class Perceptron:
    def __init__(self, layers):
        self.layers = layers

    def forward(self, inputs):
        for layer in self.layers:
            inputs = layer.forward(inputs)
        return inputs

    def test_accuracy(self):
        guesses = np.array([[self.forward(x)[0, 0] > 0.5] for x in X_train])
        return np.mean(guesses == (y_train == 1))

    def fit(self, training_data, labels, epochs, learning_rate):
        for epoch in range(1, epochs + 1):
            loss = 0
            for i in range(len(training_data)):
                y = labels[i, 0]
                p = self.forward(training_data[i])[0, 0]
                loss += -(y * np.log(p) + (1 - y) * np.log(1 - p)) / len(training_data)
                da = (p - y) / (p * (1 - p))
                for layer in self.layers[::-1]:
                    da = layer.backward(da, learning_rate)
            print(f"Loss at epoch {epoch}: {loss:.3f}")
            if np.shape(training_data)[1] == X_train.shape[1]:
                print(f"Accuracy on the given data: {100 * self.test_accuracy():.0f} %")
