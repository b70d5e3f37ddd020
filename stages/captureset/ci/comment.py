"""What was found as Markdown: for a comment at the pull request, or the summary of a job.

Everything that a person, a capture or DVC wrote stands in a fenced block that no text can close: there nothing is
Markdown, nobody is mentioned and no HTML is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from captureset.ci.parts import FAILED, PASSED, Judged
from captureset.errors import one_line

MARKER = "<!-- captureset ci -->"  # the workflow finds its own comment by it
LONGEST = 65_536  # characters, GitHub's limit
ROOM_FOR_SAID = 3000
NOT_VERIFIED = "The data of this repository were NOT verified."
CUT = "… cut here, a comment holds no more"


def text(judged: Judged) -> str:
    """Return the Markdown; longer than a comment may be it never is."""
    head = [MARKER, f"## captureset: {headline(judged)}", ""]
    head += [f"**{NOT_VERIFIED}**", "", *fenced([judged.said], ROOM_FOR_SAID), ""] if judged.said else []
    head += [f"Commit {judged.commit[:10]}.", ""]
    lines = [part.line() for part in (*judged.parts, *judged.stand_in)]
    room = LONGEST - sum(len(line) + 1 for line in head) - len("### Since the last release\n\n")
    parts = fenced(lines, room if not judged.changes else room * 2 // 3)
    room -= sum(len(line) + 1 for line in parts)
    tail = ["", "### Since the last release", "", *fenced(judged.changes, room - 8)] if judged.changes else []
    return "\n".join([*head, *parts, *tail]) + "\n"


def headline(judged: Judged) -> str:
    """Return the result in a few words, none of them anybody else's."""
    parts = (*judged.parts, *judged.stand_in)
    passed = sum(part.verdict == PASSED for part in parts)
    failed = sum(part.verdict == FAILED for part in parts)
    left = len(parts) - passed - failed
    told = [f"{passed} parts passed", f"{failed} failed"] + ([f"{left} not verified"] if left else [])
    but = ", but NOT the data of this repository" if judged.said else ""
    return f"{judged.verdict}{but} ({', '.join(told)})"


def fenced(lines: Iterable[str], room: int) -> list[str]:
    """Return lines in a fence longer than any run of backticks in them, cut to fit so many characters."""
    safe = [one_line(line, 4000) for line in lines]
    fence = "`" * max(3, 1 + max((len(run) for line in safe for run in re.findall("`+", line)), default=0))
    return [f"{fence}text", *_fitting(safe, room - 2 * len(fence) - len("text") - len(CUT) - 4), fence]


def _fitting(lines: list[str], room: int) -> Iterator[str]:
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            yield CUT
            return
        yield line
