import numpy as np

from .base import Affine


class Dense(Affine):
    def __init__(self, n_inputs, n_neurons, activation_function):
        super().__init__(n_inputs, n_neurons)
        self.activation = activation_function

    def forward(self, inputs):
        return self.activation(self.affine(inputs))

    def backward(self, da, learning_rate):
        dz = da * self.activation.derivative(self.outputs)
        da_prev = np.dot(self.weights.T, dz)
        self.step(dz, learning_rate)
        return da_prev
