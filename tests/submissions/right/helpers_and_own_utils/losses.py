from math import log


def binary_cross_entropy(y, p):
    return -log(p) if y == 1 else -log(1 - p)


def derivative(y, p):
    return (p - y) / (p * (1 - p))


def report(epoch, mean):
    print(f"Loss at epoch {epoch}: {mean:.3f}")
