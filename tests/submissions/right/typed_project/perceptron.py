# free: two typed modules that know each other (one of them under TYPE_CHECKING only), Protocol for layers, lazy properties
from __future__ import annotations

from functools import cached_property
from typing import Protocol

import numpy as np

from layer import Layer
from utils import Array, X_train, relu, sigmoid, y_train


class Trainable(Protocol):
    def forward(self, inputs: Array) -> Array: ...

    def backward(self, da: Array, learning_rate: float) -> Array: ...


class Perceptron:
    def __init__(self, layers: list[Trainable]) -> None:
        self.layers = layers

    @cached_property
    def backwards(self) -> list[Trainable]:
        return list(reversed(self.layers))

    def forward(self, inputs: Array) -> Array:
        for layer in self.layers:
            inputs = layer.forward(inputs)
        return inputs

    def fit(self, training_data: Array, labels: Array, epochs: int, learning_rate: float) -> None:
        for epoch in range(1, epochs + 1):
            losses: list[float] = []
            for x, y in zip(training_data, labels, strict=True):
                p = self.forward(x)
                losses.append(float(np.where(y == 1, -np.log(p), -np.log(1 - p)).item()))
                da = (p - y) / (p * (1 - p))
                for layer in self.backwards:
                    da = layer.backward(da, learning_rate)
            print(f"Loss at epoch {epoch}: {sum(losses) / len(losses):.3f}")


if __name__ == "__main__":
    Perceptron([Layer(2, 6, relu), Layer(6, 6, relu), Layer(6, 1, sigmoid)]).fit(X_train, y_train, 100, 0.01)
