# %% [markdown] tags=["perceptron-kit:introduction"]
# # Train a multilayer perceptron from scratch
#
# You write the two methods with which a neural network learns: `Layer.backward`, which sends the gradient of
# the loss back through one layer, and `Perceptron.fit`, which trains all layers, example by example. The rest
# is given, and so is everything in `utils.py`: the activation functions `relu` and `sigmoid`, the training
# data `X_train`, of shape `(N, 2)`, and their labels `y_train`, of shape `(N, 1)`, which are 0.0 or 1.0.
#
# Afterwards you can
#
# - derive the gradients of a layer with the chain rule, and check the shape of each;
# - say why the gradient is sent back through the weights of the forward pass, not the new ones;
# - train a network by stochastic gradient descent, and read its loss;
# - check a gradient with finite differences.
#
# ## Notation
#
# One training example is a column vector. A layer has `weights` `W` and `biases` `b`.
#
# | symbol | in the code | meaning | shape |
# | --- | --- | --- | --- |
# | `W` | `self.weights` | weights | `(n_neurons, n_inputs)` |
# | `b` | `self.biases` | biases | `(n_neurons, 1)` |
# | `a_prev` | `self.inputs` | activations of the layer before: the layer's inputs | `(n_inputs, 1)` |
# | `z = W·a_prev + b` | `self.outputs` | pre-activations | `(n_neurons, 1)` |
# | `a = f(z)` | `self.activation(z)` | activations, `f` the layer's activation function | `(n_neurons, 1)` |
# | `f′(z)` | `self.activation.derivative(z)` | the derivative of `f`, elementwise | `(n_neurons, 1)` |
# | `da` | `da` | gradient of the loss with respect to `a` | `(n_neurons, 1)` |
# | `ŷ` | | output of the last layer: how likely label 1 is | `(1, 1)` |
#
# `A·B` is the matrix product (`A @ B` in NumPy), `A ⊙ B` the elementwise product (`A * B`), `Aᵀ` the
# transpose (`A.T`).

# %% tags=["perceptron-kit:imports"]
import numpy as np

from utils import Activation, Array, X_train, plot_decision_boundary, plot_loss, relu, sigmoid, y_train

# %% tags=["active-ipynb", "perceptron-kit:plot"]
# from utils import plot_data
#
# plot_data(X_train, y_train)

# %% [markdown] tags=["perceptron-kit:layer-formulas"]
# ## Your first task: `Layer.backward`
#
# `backward(da, learning_rate)` is called after a `forward`. From `da` it computes
#
#     dz        = da ⊙ f′(z)           shape (n_neurons, 1)
#     d_weights = dz · a_prevᵀ         shape (n_neurons, n_inputs)
#     d_biases  = dz                   shape (n_neurons, 1)
#     da_prev   = Wᵀ · dz              shape (n_inputs, 1), with W as it was in the forward pass
#     W ← W − learning_rate · d_weights
#     b ← b − learning_rate · d_biases
#
# and returns `da_prev`, which is the `da` of the layer before. It has to work for layers of every size and
# for every activation function that has `derivative`, not only for `relu` and `sigmoid`.


# %% tags=["perceptron-kit:layer"]
class Layer:
    """A fully connected layer: z = W·a_prev + b and a = f(z).

    weights  W       (n_neurons, n_inputs)
    biases   b       (n_neurons, 1)
    inputs   a_prev  (n_inputs, 1)         kept by `forward` for `backward`
    outputs  z       (n_neurons, 1)        kept by `forward` for `backward`
    """

    def __init__(self, n_inputs: int, n_neurons: int, activation_function: Activation) -> None:
        """Draw the parameters uniformly from [-1, 1]."""
        self.weights = np.random.uniform(-1, 1, (n_neurons, n_inputs))
        self.biases = np.random.uniform(-1, 1, (n_neurons, 1))
        self.activation = activation_function
        self.inputs = np.zeros((n_inputs, 1))
        self.outputs = np.zeros((n_neurons, 1))

    def forward(self, inputs: Array) -> Array:
        """Return the activations a = f(z), a column, for `inputs` of shape (n,), (n, 1) or (1, n)."""
        self.inputs = np.reshape(inputs, (-1, 1))
        self.outputs = self.weights @ self.inputs + self.biases
        return self.activation(self.outputs)

    def backward(self, da: Array, learning_rate: float) -> Array:
        """Update the parameters and return the gradient with respect to the inputs, da_prev.

        da       (n_neurons, 1)  gradient of the loss with respect to this layer's activations
        da_prev  (n_inputs, 1)   the same for the layer before
        """
        ### BEGIN SOLUTION
        # The chain rule, from a = f(z) and z = W·a_prev + b.
        dz = da * self.activation.derivative(self.outputs)
        d_weights = dz @ self.inputs.T
        d_biases = dz
        da_prev = self.weights.T @ dz  # before the update: W as it was in the forward pass

        # One step of gradient descent.
        self.weights = self.weights - learning_rate * d_weights
        self.biases = self.biases - learning_rate * d_biases
        return da_prev
        ### END SOLUTION


# %% tags=["active-ipynb", "perceptron-kit:check-backward"]
# from checks import check_backward
#
# check_backward(Layer)

# %% [markdown] tags=["perceptron-kit:perceptron-formulas"]
# ## Your second task: `Perceptron.fit`
#
# The loss of one example is the binary cross-entropy. With the label `y` and the network's output `ŷ`, the
# loss and its derivative, with which the way back begins, are
#
#     L  = −( y·ln ŷ + (1 − y)·ln(1 − ŷ) )
#     da = (ŷ − y) / ( ŷ·(1 − ŷ) )
#
# `fit(training_data, labels, epochs, learning_rate)` goes through all examples in every epoch, each of them
# once, and for each
#
# 1. runs `forward`, which gives `ŷ`;
# 2. adds the example's loss to the epoch's;
# 3. computes `da` at the output;
# 4. calls every layer's `backward(da, learning_rate)`, from the last layer to the first, and gives each of
#    them what the one after it returned.
#
# So the parameters change after every example. At the end of each epoch it prints the mean of the epoch's
# losses, as they were in step 2, with three decimals, on a line of its own, and counts the epochs from 1:
#
#     Loss at epoch 1: 0.693
#
# `fit` uses the layers through nothing but `forward` and `backward`, and ends after exactly `epochs` epochs.
# Called again, it goes on with the parameters as they are, and counts from 1 again. If it also returns the
# list of the means that it printed, the training code plots them (this earns no points).


# %% tags=["perceptron-kit:perceptron"]
class Perceptron:
    """A multilayer perceptron: layers, the output of each being the input of the next."""

    def __init__(self, layers: list[Layer]) -> None:
        """Keep the layers, the first one first."""
        self.layers = layers

    def forward(self, inputs: Array) -> Array:
        """Return the activations of the last layer, a column, for the inputs of one example."""
        for layer in self.layers:
            inputs = layer.forward(inputs)
        return inputs

    def fit(
        self, training_data: Array, labels: Array, epochs: int, learning_rate: float
    ) -> list[float] | None:
        """Train by stochastic gradient descent on L = -( y ln ŷ + (1 - y) ln(1 - ŷ) ).

        training_data  (N, n_features)  one example a row
        labels         (N, 1)           0.0 or 1.0

        Prints the mean loss of every epoch, as in `Loss at epoch 1: 0.693`.
        """
        ### BEGIN SOLUTION
        mean_losses = []
        for epoch in range(1, epochs + 1):
            losses = []
            for x, label in zip(training_data, labels, strict=True):
                y = label.item()
                # ln 0 is minus infinity: ŷ stays a hair's breadth away from 0 and 1.
                y_hat = np.clip(self.forward(x).item(), 1e-7, 1 - 1e-7)
                losses.append(-(y * np.log(y_hat) + (1 - y) * np.log(1 - y_hat)))
                da = np.array([[(y_hat - y) / (y_hat * (1 - y_hat))]])  # dL/dŷ
                for layer in reversed(self.layers):
                    da = layer.backward(da, learning_rate)
            mean_losses.append(float(np.mean(losses)))
            print(f"Loss at epoch {epoch}: {mean_losses[-1]:.3f}")
        return mean_losses
        ### END SOLUTION


# %% tags=["active-ipynb", "perceptron-kit:check-fit"]
# from checks import check_fit
#
# check_fit(Layer, Perceptron)

# %% [markdown] tags=["perceptron-kit:training-instructions"]
# ## Train your network
#
# The training code makes a network with two inputs, two hidden layers of six neurons each, and one output,
# and trains it with the learning rate 0.01. The loss should fall in every epoch, and after a hundred of them
# the network should tell disc and ring apart. From an unlucky start it may not: train another one.

# %% tags=["perceptron-kit:training"]
if __name__ == "__main__":
    perceptron = Perceptron([Layer(2, 6, relu), Layer(6, 6, relu), Layer(6, 1, sigmoid)])
    try:
        mean_losses = perceptron.fit(X_train, y_train, epochs=100, learning_rate=0.01)
    except NotImplementedError as missing:
        print(missing)
    else:
        plot_loss(mean_losses)
        plot_decision_boundary(perceptron, X_train, y_train)

# %% [markdown] tags=["perceptron-kit:check-instructions"]
# ## Check your work
#
# These are the visible checks, the same that `python check.py` and `pytest` run. The hidden ones look at more cases.

# %% tags=["active-ipynb", "perceptron-kit:check"]
# from checks import check
#
# check(Layer, Perceptron)
