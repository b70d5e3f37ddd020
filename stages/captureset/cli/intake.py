"""Commands of the way in: submit, feedback, exclude, commit."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from captureset.capture import exclude as exclusions
from captureset.capture import inbox
from captureset.capture import submit as submitting
from captureset.capture.remarks import remark
from captureset.cli import console
from captureset.cli.console import JsonOption, RepoOption, counted
from captureset.errors import CapturesetError
from captureset.formats import jsontext
from captureset.formats.taxonomy import load_taxonomy
from captureset.store.repository import Repository


def submit(
    image: Annotated[Path, typer.Argument(help="The photo: JPEG, PNG or WebP.")],
    sidecar: Annotated[Path, typer.Argument(help="Its sidecar, JSON as schemas/sidecar.schema.json says.")],
    background_removed: Annotated[
        Path | None, typer.Option("--background-removed", help="The background-removed twin: PNG or WebP with alpha.")
    ] = None,
    repo: RepoOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put one capture into the inbox.

    Example: `captureset submit sofa.jpg sofa.json --background-removed sofa_nobg.png`
    """
    document = jsontext.read(sidecar)
    if not isinstance(document, dict):
        raise CapturesetError(f"{sidecar} holds no JSON object; see schemas/examples/sidecar.app.json.")
    twin = None if background_removed is None else _bytes(background_removed)
    receipt = submitting.submit(console.found(repo), _bytes(image), document, twin)
    text = f"{receipt.id} is in the inbox, receipt {receipt.receipt}. Next: captureset commit"
    console.answer(text, {"capture_id": receipt.id, "receipt": receipt.receipt}, as_json=as_json)


def feedback(
    capture_id: Annotated[str, typer.Argument(help="The capture it is about; it may arrive later.")],
    document: Annotated[
        Path | None,
        typer.Argument(help="The feedback, JSON as schemas/feedback.schema.json says; or say it by options."),
    ] = None,
    confirm: Annotated[bool, typer.Option("--confirm", help="The label is right.")] = False,
    reject: Annotated[bool, typer.Option("--reject", help="The capture is unusable.")] = False,
    category: Annotated[str | None, typer.Option(metavar="CODE", help="It is this category; a name will do.")] = None,
    rating: Annotated[int | None, typer.Option(min=1, max=5, help="The model's answer: 1 wrong to 5 right.")] = None,
    note: Annotated[str | None, typer.Option(metavar="TEXT", help="What else there is to say; in no export.")] = None,
    repo: RepoOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put what a person said about a capture into the inbox: a file, or a few words said now.

    Example: `captureset feedback 0d6f1c2e-5a7b-4c1d-9e8f-2b3a4c5d6e7f --category FURN_CHAIR --rating 2`
    """
    told = (confirm, reject, category is not None)
    words = (*told, rating is not None, note is not None)
    if sum(told) > 1 or any(words) == (document is not None):
        raise typer.BadParameter("say it in a file, or by one of --confirm, --reject, --category, or --rating, --note")
    repository = console.found(repo)
    if document is not None:
        said = _object(document)
    else:
        verdict = "confirm" if confirm else "reject" if reject else None
        taxonomy = load_taxonomy(repository.categories)
        said = remark(capture_id, taxonomy, verdict=verdict, category=category, rating=rating, note=note)
    receipt = submitting.submit_feedback(repository, capture_id, said)
    text = f"Feedback {receipt.id} is in the inbox, receipt {receipt.receipt}. Next: captureset commit"
    console.answer(text, {"feedback_id": receipt.id, "receipt": receipt.receipt}, as_json=as_json)


def _object(path: Path) -> dict[str, Any]:
    said = jsontext.read(path)
    if not isinstance(said, dict):
        raise CapturesetError(f"{path} holds no JSON object; see schemas/examples/feedback.confirm.json.")
    return said


def exclude(
    capture_id: Annotated[str, typer.Argument(help="The capture to set aside.")],
    reason: Annotated[str, typer.Option(help="Why; it stands in data/exclusions.csv.")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="Take it back in.")] = False,
    repo: RepoOption = None,
) -> None:
    """Set a capture aside without erasing it; reversible.

    Example: `captureset exclude 0d6f1c2e-5a7b-4c1d-9e8f-2b3a4c5d6e7f --reason "shows a face"`
    """
    repository = console.found(repo)
    if undo:
        exclusions.include(repository, capture_id)
    else:
        exclusions.exclude(repository, capture_id, reason, _committed(repository))
    done = "is taken back in" if undo else "is set aside"
    typer.echo(f"{capture_id} {done}. Next: dvc repro, then commit data/exclusions.csv and dvc.lock with git")


def commit(
    push: Annotated[bool, typer.Option("--push", help="Send the new bytes to the DVC remote afterwards.")] = False,
    repo: RepoOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring the inbox into DVC and make one Git commit of exactly that.

    What cannot come in goes to data/quarantine with its reason.
    """
    from captureset.capture import commit as committing  # noqa: PLC0415 - needs the extra `pipeline`, submit does not
    from captureset.store import pushing  # noqa: PLC0415

    repository = console.found(repo)
    with console.progress("Committing", len(inbox.waiting(repository))) as progress:
        done = committing.commit(repository, progress)
    failure = pushing.failure(repository) if push else None
    came = f"{counted(done.captures, 'capture')} and {counted(done.feedback, 'feedback', 'feedback')}"
    lines = [f"{came} came in, {done.already_in} were in already."]
    lines += [f"refused: {refusal.name} ({refusal.reason}): {refusal.message}" for refusal in done.refusals]
    if done.refusals:
        lines.append(f"{counted(len(done.refusals), 'refused delivery', 'refused deliveries')} in data/quarantine.")
    pushed = {"pushed": failure is None} if push else {}
    console.answer("\n".join([*lines, "Next: dvc repro"]), {**asdict(done), **pushed}, as_json=as_json)
    if failure:
        raise CapturesetError(failure)
    if done.refusals:
        raise typer.Exit(1)


def _committed(repository: Repository) -> set[str]:
    from captureset.capture.intake import known_files  # noqa: PLC0415 - needs the extra `pipeline`
    from captureset.store import pointers  # noqa: PLC0415
    from captureset.store.objects import ObjectStore  # noqa: PLC0415

    return set(known_files(ObjectStore(repository.root), pointers.read(repository.pointers)))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CapturesetError(f"{path} cannot be read: {error.strerror}; check the path and its rights.") from None
