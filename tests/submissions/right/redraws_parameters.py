# free: Perceptron.__init__ re-draws the parameters (guarded), hasattr-guarded regularisation of 0.0, in-place shuffling of data with labels
import numpy as np
from utils import relu, sigmoid, X_train, y_train


class Layer():
    def __init__(self, n_inputs, n_neurons, activation_function):
        self.n_inputs = n_inputs
        self.n_neurons = n_neurons
        self.activation = activation_function
        self.reset()

    def reset(self, rng=np.random):
        self.weights = rng.uniform(-1, 1, (self.n_neurons, self.n_inputs))
        self.biases = rng.uniform(-1, 1, (self.n_neurons, 1))

    def forward(self, inputs):
        self.inputs = np.reshape(inputs, (-1, 1))
        self.outputs = np.dot(self.weights, self.inputs) + self.biases
        return self.activation(self.outputs)

    def backward(self, da, learning_rate):
        delta = da * self.activation.derivative(self.outputs)
        result = np.dot(delta.T, self.weights).T
        self.weights -= learning_rate * np.kron(delta, self.inputs.T)
        self.biases -= learning_rate * delta
        return result


class Perceptron():
    def __init__(self, layers, seed=1, l2=0.0):
        rng = np.random.RandomState(seed)
        for layer in layers:
            if hasattr(layer, "reset"):
                layer.reset(rng)
        self.l2 = l2
        self.layers = layers

    def forward(self, inputs):
        out = inputs
        for layer in self.layers:
            out = layer.forward(out)
        return out

    def penalty(self):
        return sum((layer.weights ** 2).sum() for layer in self.layers if hasattr(layer, "weights"))

    def fit(self, training_data, labels, epochs, learning_rate):
        losses = []
        for epoch in range(epochs):
            # shuffle both in place, with the same random state
            state = np.random.get_state()
            np.random.shuffle(training_data)
            np.random.set_state(state)
            np.random.shuffle(labels)
            running = 0
            for j, (x, label) in enumerate(zip(training_data, labels), start=1):
                y_pred = self.forward(x.reshape(1, -1)).item()
                loss = np.where(label == 1, -np.log(y_pred), -np.log(1 - y_pred)).item() + self.l2 * self.penalty()
                running += (loss - running) / j          # running mean
                grad = np.where(label == 1, -1 / y_pred, 1 / (1 - y_pred)).reshape(1, 1)
                for layer in reversed(self.layers):
                    grad = layer.backward(grad, learning_rate)
            losses.append(running)
            print('Loss at epoch {0}: {1:.3f}'.format(epoch + 1, running))
        return losses


if __name__ == '__main__':
    net = Perceptron([Layer(2, 6, relu), Layer(6, 6, relu), Layer(6, 1, sigmoid)])
    net.fit(X_train.copy(), y_train.copy(), 100, 0.01)
