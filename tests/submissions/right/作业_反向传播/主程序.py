# free: folder and files with Chinese names, relative import with an absolute fallback, star import, monkey-patched method from a helper
import numpy as np

try:
    from .网络层 import *
except ImportError:
    from 网络层 import *
from utils import *


class Perceptron:
    def __init__(self, layers):
        self.layers = layers

    def forward(self, inputs):
        for layer in self.layers:
            inputs = layer.forward(inputs)
        return inputs


def 训练(self, training_data, labels, epochs, learning_rate):
    for epoch in range(epochs):
        损失 = []
        for x, y in zip(training_data, labels):
            ŷ = np.maximum(np.minimum(self.forward(x), 1 - 1e-7), 1e-7)
            损失.append((-(y * np.log(ŷ) + (1 - y) * np.log(1 - ŷ)))[0, 0])
            da = (ŷ - y) / (ŷ * (1 - ŷ))
            for layer in reversed(self.layers):
                da = layer.backward(da, learning_rate)
        print("第", epoch + 1, "轮结束")
        print(f"Loss at epoch {epoch + 1}: {np.mean(损失):.3f}")


Perceptron.fit = 训练
