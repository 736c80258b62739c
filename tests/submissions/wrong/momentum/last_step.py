# Backpropagation homework. I worked on paper first, then typed it in.
import numpy as np
import utils as u
from numpy import dot, log, multiply


class Layer(object):
    """One layer of neurons."""

    def __init__(self, n_inputs, n_neurons, activation_function):
        self.n_in, self.n_out = n_inputs, n_neurons
        self.activation = activation_function
        self.weights = 2 * np.random.rand(n_neurons, n_inputs) - 1
        self.biases = 2 * np.random.rand(n_neurons, 1) - 1
        self.last_step = None

    def forward(self, inputs):
        x = np.asarray(inputs, dtype=float).reshape(self.n_in, 1)
        self.inputs = x
        self.outputs = dot(self.weights, x) + self.biases
        return self.activation(self.outputs)

    def backward(self, da, learning_rate):
        slope = self.activation.derivative(self.outputs)
        delta = multiply(da, slope)
        back = dot(self.weights.transpose(), delta)
        step = learning_rate * dot(delta, self.inputs.transpose())
        if self.last_step is not None:
            step = step + 0.5 * self.last_step
        self.weights -= step
        self.last_step = step
        self.biases -= learning_rate * delta
        return back


class Perceptron(object):
    def __init__(self, layers):
        self.layers = layers

    def forward(self, inputs):
        signal = inputs
        for l in self.layers:
            signal = l.forward(signal)
        return signal

    def fit(self, training_data, labels, epochs, learning_rate):
        N = training_data.shape[0]
        history = []
        for k in range(epochs):
            total = 0.0
            for i in range(N):
                t = float(labels[i, 0])
                o = self.forward(training_data[i]).item()
                total += -t * log(o) - (1 - t) * log(1 - o)
                err = np.full((1, 1), -t / o + (1 - t) / (1 - o))
                for l in self.layers[::-1]:
                    err = l.backward(err, learning_rate)
            history.append(total / N)
            print("Loss at epoch {}: {:.3f}".format(k + 1, history[-1]))
        return history


def main():
    p = Perceptron([Layer(2, 8, u.relu), Layer(8, 4, u.relu), Layer(4, 1, u.sigmoid)])
    p.fit(u.X_train, u.y_train, 30, 0.01)


if __name__ == "__main__":
    main()
