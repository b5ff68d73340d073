"""What the pipeline refuses to do, said so that the reader knows what to do next."""


class PipelineError(Exception):
    """Ends a command with its message and a status that a scheduler can act on."""

    exit_code = 1


class AwayError(PipelineError):
    """What is asked over the network does not answer: it may come back."""
