import numpy as np
from utils import *

np.random.seed(7)


class Layer:
    """Eine vollständig verbundene Schicht."""

    def __init__(self, n_eingänge, n_neuronen, aktivierung):
        grenze = np.sqrt(6 / (n_eingänge + n_neuronen))      # Xavier
        self.weights = np.random.uniform(-grenze, grenze, size=(n_neuronen, n_eingänge))
        self.biases = np.zeros((n_neuronen, 1))
        self.aktivierung = aktivierung

    def forward(self, inputs):
        self.inputs = np.reshape(inputs, (-1, 1))
        self.outputs = self.weights @ self.inputs + self.biases
        return self.aktivierung(self.outputs)

    def backward(self, da, learning_rate):
        δ = da * self.aktivierung.derivative(self.outputs)
        alte_gewichte = self.weights.copy()
        # jetzt dürfen die Gewichte verändert werden
        self.weights += -learning_rate * (δ @ self.inputs.T)
        self.biases += -learning_rate * δ
        return alte_gewichte.T @ δ


class Perceptron:
    def __init__(self, schichten):
        self.schichten = schichten

    def forward(self, eingabe):
        for schicht in self.schichten:
            eingabe = schicht.forward(eingabe)
        return eingabe

    def genauigkeit(self, daten, klassen):
        richtig = 0
        for x, y in zip(daten, klassen):
            richtig += int((self.forward(x)[0, 0] > 0.5) == (y[0] == 1))
        return richtig / len(daten)

    def verlust(self, x, y):
        ŷ = self.forward(x)[0, 0]
        return -(y * np.log(ŷ) + (1 - y) * np.log(1 - ŷ))

    def fit(self, training_data, labels, epochs, learning_rate):
        for epoche in range(epochs):
            summe = 0
            for x, y in zip(training_data, labels[:, 0]):
                summe += self.verlust(x, y)          # erster Durchlauf, nur für den Verlust
                ŷ = self.forward(x)                  # zweiter Durchlauf, für den Schritt
                da = (ŷ - y) / (ŷ * (1 - ŷ))
                for schicht in reversed(self.schichten):
                    da = schicht.backward(da, learning_rate)
            if epoche % int(epochs / 100) == 0:
                print("-" * 20)
            print("Loss at epoch {}: {:.3f}".format(epoche + 1, summe / len(training_data)))
            print(f"   Genauigkeit: {self.genauigkeit(training_data, labels):.1%}")


if __name__ == "__main__":
    netz = Perceptron([Layer(2, 6, relu), Layer(6, 6, relu), Layer(6, 1, sigmoid)])
    netz.fit(X_train, y_train, 100, 0.01)
