"""The command `captureset`: what DVC does not do."""

from __future__ import annotations

import sys

import typer

from captureset.cli import (
    calibrate,
    ci,
    comparison,
    guard,
    importing,
    intake,
    integrity,
    quarantine,
    quickstart,
    rebuilding,
    releasing,
    repository,
    review,
    splitting,
    stats,
    verify,
)
from captureset.errors import CapturesetError, one_line

app = typer.Typer(
    name="captureset",
    help="Turn the photos an app takes into versioned, verified training datasets. `dvc repro` rebuilds; this does "
    "the rest.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)

app.command("quickstart")(quickstart.quickstart)
app.command("status")(repository.status)
app.command("check")(repository.check)
app.command("submit")(intake.submit)
app.command("feedback")(intake.feedback)
app.add_typer(importing.app, name="import")
app.command("review")(review.review)
app.command("exclude")(intake.exclude)
app.command("commit")(intake.commit)
app.command("erase")(guard.erase)
app.add_typer(quarantine.app, name="quarantine")
app.command("install")(guard.install)
app.command("merge-driver", hidden=True)(guard.merge_driver)
app.command("fsck")(integrity.fsck)
app.command("gc")(integrity.gc)
app.command("diff")(comparison.diff)
app.command("identify")(comparison.identify)
app.command("calibrate")(calibrate.calibrate)
app.command("stats")(stats.stats)
app.command("verify")(verify.verify)
app.command("resplit")(splitting.resplit)
app.command("quality-report")(stats.quality_report)
app.command("release")(releasing.release)
app.command("releases")(releasing.releases)
app.command("rebuild")(rebuilding.rebuild)
app.add_typer(ci.app, name="ci")


def main() -> None:
    """Run the command line: exit 0 done, 1 refused with one sentence, 2 wrong usage."""
    try:
        app()
    except CapturesetError as error:
        sys.stderr.write(f"captureset: {error}\n")
        sys.exit(1)
    except OSError as error:
        said = one_line(f"{error.filename or 'the disk'}: {error.strerror or error}")
        sys.stderr.write(f"captureset: {said}; mend that, then run the same command again.\n")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.stderr.write("captureset: stopped; run the same command again to go on.\n")
        sys.exit(130)
