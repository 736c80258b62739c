# free: matplotlib with live plots inside fit, seaborn, plotly, IPython display and clear_output, get_ipython in a .py, dict of histories
import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import plotly.express as px
import plotly.graph_objects as go
import seaborn as sns
from IPython import get_ipython
from IPython.display import HTML, clear_output, display
from matplotlib.animation import FuncAnimation
from mpl_toolkits.mplot3d import Axes3D

from utils import X_train, plot_data, relu, sigmoid, y_train

matplotlib.use("Agg")
sns.set_theme(style="whitegrid")
plt.rcParams["figure.figsize"] = (8, 4)
ipython = get_ipython()
if ipython is not None:
    ipython.run_line_magic("matplotlib", "inline")
plot_data(X_train, y_train)
counts, edges, _ = plt.hist(X_train[:, 0], bins=12)
print("points in the fullest bin:", counts.max())


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
        self.weights = self.weights - learning_rate * dz @ self.inputs.T
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
        plt.ion()
        fig, (left, right) = plt.subplots(1, 2, figsize=(10, 4))
        (curve,) = left.plot([], [], "r-", label="loss")
        history = {"loss": [], "accuracy": []}
        for epoch in range(1, epochs + 1):
            losses, hits = [], 0
            for x, t in zip(training_data, labels):
                y = t[0]
                p = self.forward(x)[0][0]
                hits += (p > 0.5) == y
                losses.append(-np.log(p if y == 1 else 1 - p))
                da = np.array([[(p - y) / (p * (1 - p))]])
                for layer in reversed(self.layers):
                    da = layer.backward(da, learning_rate)
            history["loss"].append(np.mean(losses))
            history["accuracy"].append(hits / len(labels))
            clear_output(wait=True)
            curve.set_data(range(epoch), history["loss"])
            left.relim()
            right.clear()
            right.bar(["right", "wrong"], [hits, len(labels) - hits])
            fig.canvas.draw()
            display(fig)
            plt.pause(0.001)
            print(f"Loss at epoch {epoch}: {history['loss'][-1]:.3f}")
        plt.ioff()
        sns.lineplot(x=range(epochs), y=history["loss"])
        figure = go.Figure(data=[go.Scatter(y=history["loss"])])
        figure.update_layout(title="loss").show()
        px.line(y=history["accuracy"]).show()
        display(HTML("<b>done</b>"))
        return history
