#!/usr/bin/env python3
"""What generated Python code defines and nothing uses: most often what another answer would need.

    uv run --no-project --with vulture==2.16 .ci/unused.py SCAFFOLD

Every answer of the two types that write Python occurs; their tests count as users.
"""

import itertools
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from vulture import Vulture

# Names that libraries read or call, and fields of files that people and other programs read.
FOR_OTHERS = [
    "model_config", "forward", "get_next", "sampler", "inter_op_num_threads", "intra_op_num_threads",
    "pre_tokenizer", "decoder", "healthz", "readyz", "loc", "preserve_quotes",
    "broker_*", "columns_help", "instructions", "made_with", "parity_error", "predictions", "residuals",
]
ML = [
    f"--project-type=ml --ml-phase={phase} --ml-model-type={model} --ml-serving={serving}"
    for phase, model, serving in itertools.product(
        ("training", "inference", "both"), ("classical", "deep-learning", "llm"), ("none", "batch", "realtime", "edge")
    )
    if phase == "both" or (phase == "training") == (serving == "none")
]
ML += [f"{flags} --no-ml-experiment-tracking" for flags in ML if "classical" in flags]
PIPELINES = [
    f"--project-type=data-pipeline --pipeline-processing={rest}"
    for rest in (
        "batch",
        "batch --pipeline-quality=none --pipeline-orchestration=event-driven --pipeline-store=delta",
        "batch --pipeline-quality=testing --pipeline-orchestration=dag-based --pipeline-schema=contracts --pipeline-fetch",
        "batch --pipeline-orchestration=scheduled --pipeline-schema=schema-registry --pipeline-erase",
        "streaming",
        "streaming --pipeline-schema=schema-registry --pipeline-catalog --pipeline-orchestration=event-driven",
        "streaming --pipeline-quality=validation --pipeline-schema=contracts --pipeline-erase",
        "hybrid --pipeline-quality=observability --pipeline-store=delta --pipeline-catalog --pipeline-erase",
    )
]


def main(scaffold: str) -> int:
    found: dict[str, list[str]] = {}
    with tempfile.TemporaryDirectory() as work:
        for flags in ML + PIPELINES:
            folder = Path(work, "demo")
            words = [scaffold, "init", folder, "--no-git", "--auto", "--quiet", "--author=A", "--guides=none"]
            subprocess.run([*words, *flags.split()], check=True)
            reader = Vulture(ignore_names=FOR_OTHERS)
            reader.scavenge([folder / "src", folder / "tests"])
            for item in reader.get_unused_code(min_confidence=60):
                if "tests" not in item.filename.relative_to(folder).parts:
                    found.setdefault(f"{item.filename.relative_to(folder)}: {item.name}", []).append(flags)
            shutil.rmtree(folder)
    for name, where in found.items():
        print(f"{name} is used by nothing with {where[0]}" + f" and {len(where) - 1} more" * (len(where) > 1))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
