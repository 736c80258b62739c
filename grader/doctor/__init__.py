"""Check the isolation on this machine: `isolations` says what is available, `attacks` tries to break it from inside.

In comes a kind of isolation. Out come its layers, and an `Attempt` for each attack. `grader.report` shows them.
"""
