"""Turn submissions into results: one batch in one pytest session, and a whole class in many.

What comes in are the paths that somebody named and the `Settings` of the exam; what goes out are the results, in order
and each as soon as it is known. ``batch`` grades a few submissions in this process. ``many`` divides a class into
batches and hands them to workers: this process (``local``), processes of this machine (``local``, ``pool``), or a Dask
cluster (``cluster``). ``cache`` saves results and finds them again.
"""
