"""One module for each command, with a function `command`.

They are all imported at the start, so what is slow to import is imported inside the function
that needs it.
"""
