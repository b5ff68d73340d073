"""The program; what is wrong in task.py, which its owner writes, is one line and no traceback."""

import sys
import traceback
from pathlib import Path

TASK = Path(__file__).with_name("task.py")


def main() -> None:
    try:
        from .cli import main as program  # which imports task.py

        program()
    except Exception as error:
        told = fault(error)
        if not told:
            raise
        print(f"error: {told}", file=sys.stderr)
        sys.exit(1)


def fault(error: Exception) -> str:
    """What is wrong in task.py and where; nothing if the error comes from elsewhere."""
    if isinstance(error, ImportError) and error.path == str(TASK):
        return f"{TASK.name}: there is no `TASK`"
    if isinstance(error, SyntaxError):
        if b"\0" in TASK.read_bytes() or "(unicode error)" in str(error):
            return f"{TASK.name} is not in UTF-8: save it so"
        places, told = [(error.filename, error.lineno)], error.msg
    else:
        frames = traceback.extract_tb(error.__traceback__)
        places, told = [f[:2] for f in frames], f"{type(error).__name__}: {error}"
    lines = [line for file, line in places if file == str(TASK)]
    return f"{TASK.name}:{lines[-1]}: {told}" if lines else ""


if __name__ == "__main__":
    main()
