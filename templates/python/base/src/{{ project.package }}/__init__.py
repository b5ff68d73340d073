"""The README lists the modules, `--help` the commands."""
