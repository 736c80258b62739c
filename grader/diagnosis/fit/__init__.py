"""Tell which known mistakes in ``Perceptron.fit`` explain the log of its calls and the lines that it printed.

In come the answers that the exam has, out go diagnoses. The steps of training are identified one after another, each
with the submission's own earlier values: what goes forward, which layers go back, the first ``da``, the labels, the
epochs, and then the printed losses.
"""

from grader.diagnosis.fit.mistakes import fit_mistakes

__all__ = ["fit_mistakes"]
