"""What runs on the far side of the wall: a forking parent, and a worker that holds one submission.

Nothing in this folder imports the rest of the kit. The forking parent is started by path, with an empty
environment and without ``site``, and loads these files as a package of its own. It knows NumPy, the
given ``utils.py`` and these files, so that is all that its children can find in memory.

The examiner imports ``wire`` and ``activations`` from here too, so that each is written once.
"""
