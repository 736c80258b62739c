# free: UTF-8 with BOM, CRLF line ends, two-space indentation, semicolons, backslash continuation, a form feed, print with end="\n\n"
import numpy as np; from utils import *

class Layer:
  def __init__(self, n_inputs, n_neurons, activation_function):
    self.weights = 2*np.random.random((n_neurons, n_inputs)) - 1; self.biases = 2*np.random.random((n_neurons, 1)) - 1
    self.activation = activation_function

  def forward(self, inputs):
    self.inputs = np.reshape(inputs, (-1, 1)); self.outputs = self.weights @ self.inputs + self.biases
    return self.activation(self.outputs)

  def backward(self, da, learning_rate):
    dz = da * \
         self.activation.derivative(self.outputs)
    dW = dz @ self.inputs.T; db = dz; da_prev = self.weights.T @ dz
    self.weights = self.weights - learning_rate * dW; self.biases = self.biases - learning_rate * db
    return da_prev

# ----------------------------------------------------------- Schulung für Anfänger ™

class Perceptron:
  def __init__(self, layers): self.layers = layers

  def forward(self, inputs):
    for layer in self.layers: inputs = layer.forward(inputs)
    return inputs

  def fit(self, training_data, labels, epochs, learning_rate):
    L = """
"""
    for epoch in range(epochs):
      loss = 0
      for i in range(len(training_data)):
        y = labels[i][0]; y_hat = self.forward(training_data[i])[0][0]
        loss -= y*np.log(y_hat + 1e-9) + (1 - y)*np.log(1 - y_hat + 1e-9)
        da = [[(y_hat - y) / (y_hat*(1 - y_hat) + 1e-9)]]
        da = np.array(da)
        for layer in self.layers[::-1]: da = layer.backward(da, learning_rate)
      print(L + f"Loss at epoch {epoch + 1}: {loss/len(training_data):.3f}", end="\n\n")
