import numpy as np
from utils import relu, sigmoid, X_train, y_train

call_counter = 0
STEP = 0


class Layer:
    def __init__(self, n_inputs, n_neurons, activation_function):
        self.weights = np.random.uniform(-1, 1, (n_neurons, n_inputs))
        self.biases = np.random.uniform(-1, 1, (n_neurons, 1))
        self.activation = activation_function
        self.inputs = np.zeros((n_inputs, 1))
        self.outputs = np.zeros((n_neurons, 1))

    def forward(self, inputs):
        self.inputs = np.reshape(inputs, (-1, 1))
        self.outputs = self.weights @ self.inputs + self.biases
        return self.activation(self.outputs)

    def backward(self, da, learning_rate):
        # first try, wrong!
        self.weights = self.weights - learning_rate * da
        return da


class Perceptron:
    def __init__(self, layers):
        self.layers = layers

    def forward(self, inputs):
        for layer in self.layers:
            inputs = layer.forward(inputs)
        return inputs

    def fit(self, training_data, labels, epochs, learning_rate):
        raise NotImplementedError


# second try
class Layer(Layer):
    def backward(self, da, learning_rate):
        global call_counter
        call_counter += 1
        # print("da", da)
        dz = np.empty_like(self.outputs)
        dz[:] = da * self.activation.derivative(self.outputs)
        # print("dz", dz)
        W_old = self.weights
        x_T = self.inputs.T
        self.weights = W_old - np.multiply(learning_rate, dz * x_T)
        self.biases = self.biases - np.multiply(learning_rate, dz)
        # return dz @ W_old
        return np.sum(W_old * dz, axis=0, keepdims=True).T


class Perceptron(Perceptron):
    def fit(self, training_data, labels, epochs, learning_rate):
        global STEP
        all_losses = []
        for e in range(1, epochs + 1):
            loss_0 = 0
            loss_1 = 0
            for i in range(0, len(training_data), 1):
                STEP = STEP + 1
                y_hat = self.forward(training_data[i])
                if labels[i][0] == 1.0:
                    loss_1 = loss_1 - np.log(y_hat)
                    da = -1 / y_hat
                    da = np.array([[da]])
                    for layer in self.layers[::-1]:
                        da = layer.backward(da, learning_rate)
                if labels[i][0] == 0.0:
                    loss_0 = loss_0 - np.log(1 - y_hat)
                    da = 1 / (1 - y_hat)
                    da = np.array([[da]])
                    for layer in self.layers[::-1]:
                        da = layer.backward(da, learning_rate)
            all_losses += [(loss_0 + loss_1) / len(labels)]
            print("Loss at epoch " + str(e) + ": " + "%.3f" % all_losses[-1])
        return all_losses


p = Perceptron([Layer(2, 6, relu), Layer(6, 6, relu), Layer(6, 1, sigmoid)])
# p.fit(X_train, y_train, 1000, 0.01)
p.fit(X_train, y_train, 2, 0.01)
print(call_counter, "calls")
