from numpy import log


def value(y, p):
    return (-(y * log(p) + (1 - y) * log(1 - p))).item()


def slope(y, p):
    return (p - y) / (p * (1 - p))
