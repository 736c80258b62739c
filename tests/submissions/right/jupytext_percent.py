# free: Jupytext percent script with commented magics and shell lines, the release's tags, strict zip, in-place changes through a list of pairs
# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Backpropagation
# My solution, see the last cell for the plots.

# %%
# %matplotlib inline
# %load_ext autoreload
# !pip install --quiet numpy matplotlib
import matplotlib.pyplot as plt
import numpy as np

from utils import X_train, relu, sigmoid, y_train

# %% tags=["perceptron-kit:layer"]
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
        dz = da * self.activation.derivative(self.outputs)
        da_prev = self.weights.T @ dz
        for parameter, gradient in [(self.weights, dz @ self.inputs.T), (self.biases, dz)]:
            parameter[...] = parameter - learning_rate * gradient
        return da_prev


# %% tags=["perceptron-kit:perceptron"]
class Perceptron:
    def __init__(self, layers):
        self.layers = layers

    def forward(self, inputs):
        for layer in self.layers:
            inputs = layer.forward(inputs)
        return inputs

    def fit(self, training_data, labels, epochs, learning_rate):
        losses = []
        for epoch in range(epochs):
            loss = 0
            for x, y in zip(training_data, labels, strict=True):
                p = self.forward(x)
                loss -= np.sum(y * np.log(p) + (1 - y) * np.log(1 - p))
                da = (p - y) / (p - p**2)
                for layer in self.layers[::-1]:
                    da = layer.backward(da, learning_rate)
            losses.append(loss / len(training_data))
            print(f"Loss at epoch {epoch + 1}: {losses[-1]:.3f}")
        return losses


# %% tags=["perceptron-kit:training"]
# %%time
network = Perceptron([Layer(2, 6, relu), Layer(6, 6, relu), Layer(6, 1, sigmoid)])
history = network.fit(X_train, y_train, epochs=5, learning_rate=0.01)

# %%
fig, axes = plt.subplots(2, 2, figsize=(6, 6))
axes[0, 0].plot(history)
for ax in axes.flat[1:]:
    ax.hist(X_train[:, 0])
plt.show()
