"""What the program refuses to do, said so that the reader knows what to do next.

A scheduler can tell the endings apart: 0 done, 1 an error, 2 called wrongly, 3 refused by a gate
or a budget, 4 the data has drifted.
"""


class Stopped(BaseException):
    """Ctrl-C, or the system's wish that the program ends. No `except Exception` holds it up."""


class ProjectError(Exception):
    """Ends a command with its message instead of a traceback."""

    exit_code = 1


class BadInputError(ProjectError):
    """Data or a request that does not fit the model; the message names the place."""


class UntrustedError(ProjectError):
    """A model that is not, byte for byte, what was promoted."""


class RefusedError(ProjectError):
    """A gate or a budget is not kept."""

    exit_code = 3


class DriftError(ProjectError):
    """New data is not like the data that the model was made from."""

    exit_code = 4
