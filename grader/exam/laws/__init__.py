"""What the laws share: comparing with a tolerance, carrying errors forward, reading logs, the reference network.

In come answers as records; out go comparisons and findings. Nothing here asks the submission anything.
"""
