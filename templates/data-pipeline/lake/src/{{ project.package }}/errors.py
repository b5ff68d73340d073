"""What the pipeline refuses to do, said so that the reader knows what to do next."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
from deltalake.exceptions import DeltaError

# Delta tells what caused what in lines below each other, some with arrows in colour.
CAUSE = re.compile(r"\s*\n\s*(?:\x1b\[\d+m↳\x1b\[\d+m\s*)?")


class PipelineError(Exception):
    """Ends a command with its message and a status that a scheduler can act on."""

    exit_code = 1


class AwayError(PipelineError):
    """What is asked over the network does not answer: it may come back."""


@contextmanager
def plainly() -> Iterator[None]:
    """Around a whole run: of a full disk or a query that is wrong, what is said of it and no more."""
    try:
        yield
    except DeltaError as error:
        raise PipelineError(CAUSE.sub(": ", str(error).strip())) from error
    except duckdb.Error as error:
        raise PipelineError(first_line(error)) from error
    except OSError as error:
        raise PipelineError(str(error)) from error
    except RuntimeError as error:
        # Of Ctrl-C within a query DuckDB makes an error of its own.
        if not isinstance(error.__cause__, KeyboardInterrupt):
            raise
        raise KeyboardInterrupt from None


def first_line(error: duckdb.Error) -> str:
    """What is wrong; the lines below show the query, which nobody wrote like that."""
    return str(error).strip().partition("\n")[0]
