"""Compare with a tolerance, carry errors forward, read logs, compute the reference network: what the laws share.

In come answers as records; out go comparisons and findings. Nothing here asks the submission anything.
"""
