"""Find the mistakes in ``Layer.backward`` that explain what its calls did.

In come the calls that the exam has seen; out go diagnoses. A submission computes ``dz``, moves the weights, moves the
biases and returns a gradient. With each ``dz`` of the formula sheet of mistakes (``formulas``), each of the three
results is compared with the formulas for it (``parameters``, ``returned``), and the factor between the two is explained
(``scales``). A result that is no multiple of a formula may come from a gradient that is clipped, remembered or divided
by a root, or two of these in turn (``transforms``). The explanation with the fewest mistakes counts (``search``), if it
is the only one.
"""

from grader.diagnosis.backward.mistakes import backward_mistakes

__all__ = ["backward_mistakes"]
