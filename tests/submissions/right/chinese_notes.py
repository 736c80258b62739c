# free: 中文命名与注释, random.shuffle of pairs, 每步后的准确率, match statement, np.tensordot, sys.stdout.write
import random
import sys

import numpy as np

from utils import relu, sigmoid, X_train, y_train

random.seed(2024)


class Layer:
    def __init__(self, 输入数, 神经元数, 激活函数):
        self.weights = np.random.uniform(-1, 1, (神经元数, 输入数))
        self.biases = np.random.uniform(-1, 1, (神经元数, 1))
        self.激活函数 = 激活函数

    def forward(self, inputs):
        self.inputs = np.asarray(inputs).reshape((-1, 1))  # 列向量
        self.outputs = np.tensordot(self.weights, self.inputs, axes=1) + self.biases
        return self.激活函数(self.outputs)

    def backward(self, da, learning_rate):
        误差 = da * self.激活函数.derivative(self.outputs)
        上一层梯度 = np.tensordot(self.weights, 误差, axes=(0, 0))
        权重梯度 = np.tensordot(误差, self.inputs, axes=(1, 1))
        self.weights = self.weights - learning_rate * 权重梯度
        self.biases = self.biases - learning_rate * 误差
        return 上一层梯度


class Perceptron:
    def __init__(self, 层列表):
        self.层列表 = 层列表

    def forward(self, inputs):
        输出 = inputs
        for 层 in self.层列表:
            输出 = 层.forward(输出)
        return 输出

    def 准确率(self, 数据, 标签):
        预测 = [self.forward(x).item() >= 0.5 for x in 数据]
        return sum(p == bool(y) for p, y in zip(预测, 标签.flatten())) / len(数据)

    def fit(self, training_data, labels, epochs, learning_rate):
        样本 = list(zip(training_data, labels))
        for 轮 in range(1, epochs + 1):
            random.shuffle(样本)  # 打乱顺序
            总损失, 曲线 = 0.0, []
            for x, y in 样本:
                p = self.forward(x).item()
                match y.item():
                    case 1:
                        损失, 梯度 = -np.log(p), -1 / p
                    case 0:
                        损失, 梯度 = -np.log(1 - p), 1 / (1 - p)
                    case 其他:
                        raise ValueError(f"未知标签 {其他}")
                总损失 += 损失
                for 层 in self.层列表[::-1]:
                    梯度 = 层.backward(梯度, learning_rate)
                曲线.append(self.准确率(training_data, labels))
            sys.stdout.write(f"Loss at epoch {轮}: {总损失 / len(样本):.3f}\n")
            sys.stdout.write("  准确率 " + " ".join(f"{a:.2f}" for a in 曲线[-3:]) + "\n")
            sys.stdout.flush()
