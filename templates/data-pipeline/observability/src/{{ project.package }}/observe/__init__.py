"""Observation: what was measured in each run, what of it is unusual, where data came from.

Nothing here stops a run or keeps a table from being published. It tells.
"""
