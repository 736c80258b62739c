# -*- coding: latin-1 -*-
# free: Latin-1 with a cookie and accents, tabs for indentation, printf formatting, np.outer
# Résolution de l'exercice : rétropropagation du gradient (élève : Gaël Lefèvre)
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
		dérivée = self.activation.derivative(self.outputs)
		dz = da * dérivée
		da_prev = self.weights.T @ dz   # avant la mise à jour !
		self.weights = self.weights - learning_rate * np.outer(dz, self.inputs)
		self.biases = self.biases - learning_rate * dz
		return da_prev

class Perceptron:
	def __init__(self, layers):
		self.layers = layers

	def forward(self, inputs):
		for layer in self.layers:
			inputs = layer.forward(inputs)
		return inputs

	def fit(self, training_data, labels, epochs, learning_rate):
		for époque in range(epochs):
			somme = 0
			for (x, y) in zip(training_data, labels):
				p = self.forward(x)
				somme += -(y * np.log(p) + (1 - y) * np.log(1 - p)).item()
				da = (p - y) / (p * (1 - p))
				for layer in reversed(self.layers):
					da = layer.backward(da, learning_rate)
			print("Loss at epoch %d: %.3f" % (époque + 1, somme / len(labels)))
		print("Terminé, félicitations !")
