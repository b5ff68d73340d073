"""Buckets of clouds: credentials that are given as files, and what is told of a server that refuses."""

import os
import re

from .settings import secret

SCHEMES = ("s3", "az", "gs")
# NAME_FILE in the environment is a file that holds the value of NAME.
SECRETS = (
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
    *("AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_SAS_TOKEN", "AZURE_CLIENT_SECRET"),
    "GOOGLE_SERVICE_ACCOUNT_KEY",
)
# A server that does not answer is given up after half a minute.
LIMITS = {"connect_timeout": "5s", "timeout": "60s"}
STATUS = re.compile(r"status code\W+(?:\x1b\[\d+m\W*)*(\d{3})")
# Who has no credentials asks the machine, which has some where a cloud gave it a role.
NO_CREDENTIALS = re.compile(
    r"/latest/(api/token|meta-data)|169\.254\.169\.|metadata\.google|Account must be|loading credentials"
)


def credentials() -> dict[str, str]:
    """Those that are given as files; all others the libraries find in the environment by themselves."""
    return {each.lower(): secret(each) for each in SECRETS if f"{each}_FILE" in os.environ}


def refusal(words: str) -> str:
    """What an error of a library says in one line: of a server's answer the code alone, as addresses may be signed."""
    status, code = STATUS.search(words), re.search(r"<Code>(\w+)</Code>", words)
    if NO_CREDENTIALS.search(words):
        return "there are no credentials; .env.example lists how they are given"
    if status:
        return f"it answers {status[1]}{f' {code[1]}' if code else ''}"
    if "Error performing" in words:
        return "it does not answer"
    return words.splitlines()[0][:300]
