"""The layers that keep a submission from everything else.

``lockdown`` puts them together; each other module is one layer, or finds out what a layer needs. What comes in is the
kind of isolation and what may be read; what goes out are the names of the layers that are up.
"""
