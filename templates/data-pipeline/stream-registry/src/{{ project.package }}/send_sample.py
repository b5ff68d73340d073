"""The command `sample`: the sample in Avro, for a broker that is not embedded."""

import argparse

from .settings import load


def add_sample(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    words = "send the sample to the broker of the settings, in Avro"
    command = commands.add_parser("sample", help=words)

    def sample(_: argparse.Namespace) -> int:
        from .broker import EMBEDDED
        from .errors import PipelineError
        from .stream import fill, topics

        here = load()
        if here.broker_servers == EMBEDDED:
            raise PipelineError("the embedded broker has the sample: set broker_servers to another")
        print(f"{fill(here, topics(here))} records at {here.broker_servers}")
        return 0

    command.set_defaults(command=sample)
