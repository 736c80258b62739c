"""The audit: show that the exam lets every right solution through, and stops every wrong one.

In comes an exam (`ExamSource`: the laws, the points, the examples) and how thorough to be (`Plan`). Out comes an
`Audit`, a record of what was tried and what the exam said: right solutions, the known mistakes, first-order mutants,
other seeds, many more examples. Its ``faults`` say what is wrong with the exam. ``summary.py`` writes it for a
terminal, ``certificate.py`` as a page.

Everything that is tried is the kit's own, and still runs behind the wall.
"""
