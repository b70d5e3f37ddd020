"""Released versions made again from their inputs alone, each a part of its own."""

from __future__ import annotations

from functools import partial

from captureset.ci.parts import Panel
from captureset.errors import CapturesetError
from captureset.release import rebuild
from captureset.release.promise import Promise, chosen
from captureset.store.repository import Repository

LEFT_OUT = "left out by --rebuild 0"


def ask_rebuilds(panel: Panel, clone: Repository, name: str, last: int) -> None:
    """Rebuild the last versions of a dataset in the environment each of them pins.

    Args:
        panel: hears the answers.
        clone: at the newest of them; its remote has the inputs.
        name: of the dataset.
        last: how many; 0 leaves them out, and says so.
    """
    if not last:
        panel.leave_out(("rebuilds",), LEFT_OUT)
        return
    found: list[Promise] = []

    def ask() -> str:
        found.extend(chosen(clone, [name], last))
        return f"the last {len(found)} of {name}"

    panel.ask("rebuilds", ask)
    for promised in found:
        panel.ask(f"rebuild {promised.tag}", partial(_proved, clone, promised))


def _proved(clone: Repository, promised: Promise) -> str:
    done = rebuild.rebuild(clone, promised)
    if done.fault is not None:
        raise CapturesetError(done.fault)
    different = [output.path for output in done.outputs if not output.same]
    if different or not done.same:
        raise CapturesetError(
            f"{', '.join(different) or 'nothing'} came out otherwise than released; look with "
            f"`captureset rebuild {promised.tag} --keep DIR`."
        )
    return f"{len(done.outputs)} outputs came out as released, byte for byte, in {done.environment}"
