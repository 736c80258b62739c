"""A tiny neural network library."""
from .layers import Dense as Layer
from .network import Perceptron

__all__ = ["Layer", "Perceptron"]
__version__ = "0.1"
