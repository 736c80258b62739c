"""My solution to the perceptron exercise."""
import numpy as np
import utils


class Layer:
    """Fully connected layer."""

    def __init__(self, n_inputs, n_neurons, activation_function):
        rng = np.random.default_rng()
        self.weights = rng.uniform(-1.0, 1.0, size=(n_neurons, n_inputs))
        self.biases = rng.uniform(-1.0, 1.0, size=(n_neurons, 1))
        self.activation = activation_function
        self.inputs = np.zeros((n_inputs, 1))
        self.outputs = np.zeros((n_neurons, 1))

    def forward(self, inputs):
        self.inputs = np.reshape(inputs, (-1, 1))
        self.outputs = np.dot(self.weights, self.inputs) + self.biases
        return self.activation(self.outputs)

    def backward(self, da, learning_rate):
        slope = self.activation.derivative(self.inputs)
        delta = np.multiply(slope, da)
        grad_in = np.dot(self.weights.T, delta)
        self.weights -= learning_rate * np.outer(delta, self.inputs)
        self.biases -= learning_rate * delta
        return grad_in


class Perceptron:
    """A stack of layers."""

    def __init__(self, layers):
        self.layers = layers

    def forward(self, inputs):
        out = inputs
        for layer in self.layers:
            out = layer.forward(out)
        return out

    def fit(self, training_data, labels, epochs, learning_rate):
        n = len(training_data)
        for e in range(epochs):
            losses = []
            for i in range(n):
                y = labels[i, 0]
                p = self.forward(training_data[i])[0, 0]
                p = np.clip(p, 1e-7, 1 - 1e-7)
                losses.append(-np.log(p) if y == 1 else -np.log(1 - p))
                grad = -1 / p if y == 1 else 1 / (1 - p)
                for layer in self.layers[::-1]:
                    grad = layer.backward(grad, learning_rate)
            print("Loss at epoch %d: %.3f" % (e + 1, np.mean(losses)))


def main():
    model = Perceptron([Layer(2, 8, utils.relu), Layer(8, 1, utils.sigmoid)])
    model.fit(utils.X_train, utils.y_train, epochs=50, learning_rate=0.01)


if __name__ == "__main__":
    main()
