# free: tqdm, tqdm.notebook, trange, set_postfix, tqdm.write for the line, da as a Python float, unseeded default_rng shuffling
import numpy as np
import tqdm as tqdm_module
from tqdm import trange
from tqdm.notebook import tqdm

from utils import X_train, relu, sigmoid, y_train


class Layer:
    def __init__(self, n_inputs, n_neurons, activation_function):
        rng = np.random.default_rng()
        self.weights = rng.standard_normal((n_neurons, n_inputs))
        self.biases = rng.standard_normal((n_neurons, 1))
        self.activation = activation_function

    def forward(self, inputs):
        self.inputs = np.reshape(inputs, (-1, 1))
        self.outputs = self.weights @ self.inputs + self.biases
        return self.activation(self.outputs)

    def backward(self, da, learning_rate):
        dz = self.activation.derivative(self.outputs)
        dz *= da
        da_prev = np.zeros_like(self.inputs, dtype=float)
        for weights_of_neuron, d in zip(self.weights, dz[:, 0]):
            da_prev[:, 0] += weights_of_neuron * d
        self.weights -= learning_rate * dz * self.inputs.T
        self.biases -= learning_rate * dz
        return da_prev


class Perceptron:
    def __init__(self, layers):
        self.layers = layers

    def forward(self, inputs):
        for layer in self.layers:
            inputs = layer.forward(inputs)
        return inputs

    def fit(self, training_data, labels, epochs, learning_rate):
        rng = np.random.default_rng()
        pbar = trange(1, epochs + 1, desc="epochs", unit="epoch")
        for epoch in pbar:
            order = rng.permutation(len(training_data))
            losses = []
            for i in tqdm(order, total=len(order), leave=False):
                y, p = labels[i, 0].item(), self.forward(training_data[i]).item()
                losses.append(-y * np.log(p) - (1 - y) * np.log(1 - p))
                da = (1 - y) / (1 - p) - y / p
                for layer in tqdm_module.tqdm(self.layers[::-1], disable=True):
                    da = layer.backward(da, learning_rate)
            mean = sum(losses) / len(losses)
            pbar.set_postfix(loss=f"{mean:.4f}")
            tqdm.write(f"Loss at epoch {epoch}: {mean:.3f}")
        with tqdm_module.tqdm(total=1) as last:
            last.set_description("done")
            last.update(1)
        return losses
