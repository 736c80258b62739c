# earns: nothing
"""The classes are lists, and lists have no gradient."""


class Layer(list):
    def __init__(self, n_inputs, n_neurons, activation):
        super().__init__([0.0] * n_neurons)
        self.activation = activation

    def forward(self, inputs):
        return list(inputs)

    def backward(self, da, learning_rate):
        return list(da)


class Perceptron(list):
    def fit(self, training_data, labels, epochs, learning_rate):
        self.append(learning_rate)
