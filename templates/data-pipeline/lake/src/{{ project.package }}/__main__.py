"""Lets `python -m` start the commands where the script is not on the path."""

from .cli import main

main()
