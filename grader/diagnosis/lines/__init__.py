"""Find the line that holds a mistake: try small edits of it until the lost criteria hold.

In come diagnoses, and the answers that the exam has; out go the diagnoses with a line, if it is certain. The edits are
made and run behind the wall; what they give is judged here, by the laws of the exam.
"""
