"""`python -m`, where no command is installed."""

from .cli import main

raise SystemExit(main())
