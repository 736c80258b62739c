# earns: nothing
import numpy as np
class Layer:
    pass
class Perceptron:
    def __init__(self, layers): self.layers = layers
    def fit(self, X, Y, epochs, learning_rate):
        inf = float("inf")
        for e in range(epochs):
            for x, y in zip(X, Y):
                a = x.reshape(-1, 1)
                for l in self.layers: a = l.forward(a)
                p = float(a[0, 0])
                # wrong derivative for y = 1, no chain, no learning rate
                da = inf if y else 1 / (1 - p)
                self.layers[-1].backward(np.array([[da]]), inf)
                for i in range(len(self.layers) - 2, -1, -1):
                    n = self.layers[i].weights.shape[0]
                    self.layers[i].backward(np.full((n, 1), inf), inf)
