"""The options that every `captureset import …` of a dataset has, in one place, and what is done with them."""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from captureset.capture.import_account import Account, OnDirt, RefusedImportError
from captureset.capture.importing import Imported, ImportOptions, import_dataset, require_time
from captureset.cli import console
from captureset.cli.console import JsonOption, RepoOption, counted
from captureset.errors import CapturesetError
from captureset.formats import jsontext, schema
from captureset.formats.sources.dataset import SourceDataset
from captureset.formats.sources.dirt import DIRT

NEXT = "captureset commit"


@dataclasses.dataclass(frozen=True, slots=True)
class Choices:
    """What was chosen on the command line; a field is an option."""

    map_file: Annotated[
        Path | None, typer.Option("--map", metavar="MAP.yaml", help="Lines `their category: ours`; by code or name.")
    ] = None
    add_categories: Annotated[
        bool, typer.Option("--add-categories", help="Append unknown categories to the taxonomy (else refused).")
    ] = False
    under: Annotated[str, typer.Option(metavar="MAIN", help="Main category that --add-categories appends to.")] = "MISC"
    captured_at: Annotated[
        str | None, typer.Option(metavar="TIME", help="When all photos were taken, RFC 3339 (else each one's EXIF).")
    ] = None
    unreviewed: Annotated[bool, typer.Option("--unreviewed", help="Nobody vouches for anything (else: confirmed).")] = (
        False
    )
    empty_unreviewed: Annotated[
        bool, typer.Option("--empty-unreviewed", help="Nobody vouches for photos without a box (else: verified empty).")
    ] = False
    source_name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Name of the dataset in each sidecar (else from the path).")
    ] = None
    on_dirt: Annotated[
        OnDirt,
        typer.Option(help="refuse: any dirt. repair: what cannot be mended. leave-out: nothing, but its photos."),
    ] = OnDirt.REPAIR
    report: Annotated[
        Path | None, typer.Option(metavar="FILE.json", help="Write the fate of every row that did not simply come in.")
    ] = None
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything, write nothing but --report.")] = False
    repo: RepoOption = None
    json: JsonOption = False

    def of_a_dataset(self) -> bool:
        """Say whether an option was chosen that only a new dataset has."""
        everywhere = {"dry_run": self.dry_run, "repo": self.repo, "json": self.json}
        return self != Choices(**everywhere)  # type: ignore[arg-type]

    def run(self, read: Callable[[], SourceDataset]) -> None:
        """Import what `read` gives and say what happened.

        Raises:
            CapturesetError: an option or the source is wrong; nothing was written but the report.
        """
        require_time(self.captured_at)
        options = ImportOptions(
            captured_at=self.captured_at,
            mapping=read_map(self.map_file) if self.map_file else {},
            add_under=self.under if self.add_categories else None,
            reviewed=not self.unreviewed,
            source_name=self.source_name,
            on_dirt=self.on_dirt,
            empty_reviewed=not self.empty_unreviewed,
        )
        repository, dataset = console.found(self.repo), read()
        with console.progress("Checking" if self.dry_run else "Importing", len(dataset.images)) as progress:
            try:
                done = import_dataset(repository, dataset, options, dry_run=self.dry_run, progress=progress)
            except RefusedImportError as error:
                self._report(error.account, "refused")
                raise
        self._report(done.account, "would come in" if self.dry_run else "imported")
        console.answer(self.summary(done), self.document(done), as_json=self.json)

    def _report(self, account: Account, outcome: str) -> None:
        if self.report:
            try:
                jsontext.write(self.report, {"outcome": outcome, "on_dirt": self.on_dirt.value, **account.document()})
            except OSError as error:
                raise CapturesetError(
                    f"{self.report} cannot be written: {error.strerror}; name another file."
                ) from None

    def document(self, done: Imported) -> dict[str, Any]:
        """Return what happened as JSON."""
        account = done.account
        return {
            "captures": account.photos_in,
            "boxes": account.boxes_in,
            "new": done.new,
            "categories_added": list(done.categories_added),
            "notes": list(done.notes),
            "account": account.document(),
            "dry_run": self.dry_run,
            "next": None if self.dry_run else NEXT,
        }

    def summary(self, done: Imported) -> str:
        """Return what happened in a few lines, the next command last."""
        account = done.account
        counts = f"{counted(account.photos_in, 'capture')} with {counted(account.boxes_in, 'box', 'boxes')}"
        added = ", ".join(done.categories_added)
        said = "would be appended" if self.dry_run else "appended"
        lines = [f"{self._outcome(done)}: {counts}."]
        lines += [f"Categories {said} to data/categories.yaml: {added}."] if added else []
        lines += [_line(code, count, account) for code, count in account.counts().items()]
        lines += [f"Note: {note}." for note in done.notes]
        return "\n".join([*lines, "Next: the same without --dry-run" if self.dry_run else f"Next: {NEXT}"])

    def _outcome(self, done: Imported) -> str:
        if self.dry_run:
            return "Would be imported, nothing was written"
        return "Now in the inbox" if done.new else "In the inbox already, nothing was written"


def _line(code: str, count: int, account: Account) -> str:
    """Return one kind of dirt, how often it is there, and where first."""
    first = next(fate.row for fate in account.fates if fate.code == code)
    return f"{DIRT[code].action.value.capitalize()}: {count} {code} ({DIRT[code].meaning}), first: {first}."


def with_choices(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command that has, beside its own options, all of `Choices`, and is given them as `choices`."""
    shared = inspect.signature(Choices).parameters
    hints = get_type_hints(Choices, include_extras=True)
    own_hints = get_type_hints(command, include_extras=True)

    @functools.wraps(command)
    def run(**given: Any) -> None:
        choices = Choices(**{name: given.pop(name) for name in shared})
        command(**given, choices=choices)

    own = [
        parameter.replace(annotation=own_hints[name], kind=inspect.Parameter.KEYWORD_ONLY)
        for name, parameter in inspect.signature(command).parameters.items()
        if name != "choices"
    ]
    added = [
        parameter.replace(annotation=hints[name], kind=inspect.Parameter.KEYWORD_ONLY)
        for name, parameter in shared.items()
    ]
    run.__signature__ = inspect.Signature([*own, *added])  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in (*own, *added)}
    return run


def read_map(path: Path) -> dict[str, str]:
    """Return a file of `their category: ours`.

    Raises:
        CapturesetError: it is missing, or a line does not lead from a word to a word.
    """
    document = schema.read_yaml(path) if path.is_file() else None
    if not isinstance(document, Mapping):
        raise CapturesetError(f"{path} is no file of lines `their category: ours`; give one with --map.")
    for theirs, ours in document.items():
        if isinstance(theirs, bool) or not isinstance(theirs, str | int) or not isinstance(ours, str):
            raise CapturesetError(f"{path} leads {theirs!r} to {ours!r}, where both must be text; put them in quotes.")
    return {str(theirs).strip(): ours for theirs, ours in document.items()}
