"""Try small edits of a submission's functions, to find the line that holds a mistake.

In come cases and edits of the source text; out goes what the methods do with each edit. Nothing here knows what is
right.
"""
