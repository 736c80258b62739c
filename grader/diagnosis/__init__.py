"""Tell which known mistakes explain what a submission did, and on which line each one is.

In come the answers that the exam has; out go diagnoses, as data. A diagnosis is a claim with a certificate: the mistake
would have done exactly what the submission did, in so many cases, and no other known mistake would have. Scores never
depend on a diagnosis.
"""
