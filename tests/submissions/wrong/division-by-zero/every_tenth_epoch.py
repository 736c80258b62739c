import numpy as np
import matplotlib.pyplot as plt
from utils import relu, sigmoid, X_train, y_train

CONSTANTE = 1e-8   # évite log(0)


class Layer:
    def __init__(self, n_entrees, n_neurones, fonction):
        self.weights = np.random.normal(0, 0.5, (n_neurones, n_entrees))
        self.biases = np.random.normal(0, 0.5, (n_neurones, 1))
        self.fonction = fonction

    def forward(self, inputs):
        self.inputs = inputs.reshape(-1, 1)
        self.outputs = self.weights.dot(self.inputs) + self.biases
        self.activations = self.fonction(self.outputs)
        return self.activations

    def backward(self, da, learning_rate):
        dz = da * self.fonction.derivative(self.outputs)
        dW = dz.dot(self.inputs.T)
        db = dz
        da_precedent = self.weights.T.dot(dz)
        self.weights = self.weights - learning_rate * dW
        self.biases = self.biases - learning_rate * db
        del dW, db, dz
        return da_precedent


class Perceptron:
    def __init__(self, couches):
        self.couches = couches

    def forward(self, x):
        for couche in self.couches:
            x = couche.forward(x)
        return x

    def fit(self, donnees, etiquettes, epoques, taux):
        historique = []
        for epoque in range(1, epoques + 1):
            pertes = []
            for k in range(donnees.shape[0]):
                y = etiquettes[k]                       # forme (1,)
                p = self.forward(donnees[k, :])
                perte = -y * np.log(p + CONSTANTE) - (1 - y) * np.log(1 - p + CONSTANTE)
                pertes.append(perte.ravel()[0])
                da = -(y / (p + CONSTANTE)) + (1 - y) / (1 - p + CONSTANTE)
                for i in range(len(self.couches) - 1, -1, -1):
                    da = self.couches[i].backward(da, taux)
            historique.append(np.mean(pertes))
            if epoque % (epoques // 10) == 0 or epoque == 1:
                print('.', end='')
            print("Loss at epoch", f"{epoque}:", f"{historique[-1]:.3f}")
        return {"loss": historique}


# --- entraînement -------------------------------------------------------------
reseau = Perceptron([Layer(2, 6, relu), Layer(6, 6, relu), Layer(6, 1, sigmoid)])
hist = reseau.fit(X_train, y_train, 3, 0.01)
reseau.fit(X_train, y_train, nb_epoques=10)   # FIXME: mauvais nom d'argument
plt.plot(hist["loss"])
plt.xlabel("époque")
plt.show()
nom = input("Votre nom ? ")
print("Bonjour", nom)
