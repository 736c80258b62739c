"""Grades submissions to the exercise "train a multilayer perceptron from scratch"."""
