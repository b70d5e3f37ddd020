"""Commands about splits: resplit."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from captureset.cli import console
from captureset.cli.console import JsonOption, RepoOption, counted

Ratio = Annotated[float | None, typer.Option(help="Share of it in the new set, 0 to 1; by default as it is.")]


def resplit(
    name: Annotated[str, typer.Argument(help="Name of the new split set, such as equal-thirds: a-z, 0-9, - and _.")],
    train_ratio: Ratio = None,
    val_ratio: Ratio = None,
    test_ratio: Ratio = None,
    salt: Annotated[str | None, typer.Option(help="Another salt is another split; by default as it is.")] = None,
    repo: RepoOption = None,
    as_json: JsonOption = False,
) -> None:
    """Begin a new split set: the one way in which released captures get other splits.

    Changes params.yaml only. Releases made so far keep theirs; a model trained on one must not be judged on another.

    Example: `captureset resplit wide-test --train-ratio 0.6 --test-ratio 0.2`
    """
    from captureset.splits.resplit import resplit as begin  # noqa: PLC0415 - needs the extra `pipeline`

    given = {"train_ratio": train_ratio, "val_ratio": val_ratio, "test_ratio": test_ratio, "salt": salt}
    done = begin(console.found(repo), name, {key: value for key, value in given.items() if value is not None})
    text = (
        f"{done.split_set} is the split set now, nothing is frozen in it; {done.before} keeps "
        f"{counted(done.frozen_before, 'capture')} frozen. Next: dvc repro"
    )
    console.answer(text, asdict(done), as_json=as_json)
