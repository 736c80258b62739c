# free: unguarded training in an endless loop that the clock stops, definitions after it, progress dots on lines of their own
import numpy as np
from utils import relu, sigmoid, X_train, y_train


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
        f_prime = self.activation.derivative(self.outputs)
        # broadcasting instead of matrix products
        da_prev = (self.weights * (da * f_prime)).sum(axis=0)[:, np.newaxis]
        self.weights = self.weights - learning_rate * (da * f_prime) * self.inputs[:, 0]
        self.biases = self.biases - learning_rate * (da * f_prime)
        return da_prev


class Perceptron:
    def __init__(self, layers):
        self.layers = layers

    def forward(self, inputs):
        for layer in self.layers:
            inputs = layer.forward(inputs)
        return inputs

    def fit(self, training_data, labels, epochs, learning_rate):
        for epoch in range(1, epochs + 1):
            loss = 0.0
            for n, (x, y) in enumerate(zip(training_data, labels), 1):
                p = self.forward(x)[0]
                loss = loss - (y * np.log(p) + (1 - y) * np.log(1 - p))[0]
                da = -(y / p - (1 - y) / (1 - p))
                for layer in reversed(self.layers):
                    da = layer.backward(da.reshape(-1, 1), learning_rate)
                print(".", end="" if n % 40 else "\n", flush=True)
            print()
            print(f"\tLoss at epoch {epoch}: {loss / n:.3f}\t")


net = Perceptron([Layer(2, 6, relu), Layer(6, 6, relu), Layer(6, 1, sigmoid)])
loss_of_net = 1
while loss_of_net > 0:
    net.fit(X_train, y_train, 1, 0.01)


def classify(x):
    return int(net.forward(x).item() > 0.5)


print([classify(x) for x in X_train])
