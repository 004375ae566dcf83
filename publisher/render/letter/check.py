"""How the reader checks all that the letter says, and what that proves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from publisher.model.evidence import ALLOWED_SIGNERS, AUTHORITIES, Evidence
from publisher.model.ledger import Import, Reconstruct, Release
from publisher.render.letter import commands
from publisher.render.letter.record import SUMS
from publisher.render.letter.words import Words, code


@dataclass(frozen=True, slots=True)
class Part:
    """A paragraph, and the commands that follow it."""

    said: Markup
    commands: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """A step: what is to be done, and how."""

    title: Markup
    parts: tuple[Part, ...]


def steps(evidence: Evidence, words: Words) -> tuple[Step, ...]:
    """Return the steps, in their order."""
    parts = {
        "unpack": (Part(words("step_unpack_said"), (commands.unpack(evidence),)),),
        "files": (_files(evidence, words),),
        "sums": (Part(words("step_sums_said"), (commands.sums(evidence),)),),
        "chain": (
            Part(words("step_chain_said", previous=code("previous")), (commands.chain(evidence),)),
        ),
        "signatures": tuple(_signatures(evidence, words)),
        "stamps": (_stamps(evidence, words),),
        "git": (_git(evidence, words),),
    }
    return tuple(Step(words(f"step_{name}"), found) for name, found in parts.items())


def _files(evidence: Evidence, words: Words) -> Part:
    command = commands.files(evidence)
    gone = [each.path for each in evidence.files if each.redacted]
    if not command:
        return Part(words("step_files_none"))
    if not gone:
        return Part(words("step_files_said"), (command,))
    return Part(words("step_files_redacted", files=code(", ".join(gone))), (command,))


def _signatures(evidence: Evidence, words: Words) -> Iterator[Part]:
    """Yield how signatures are checked whose owner is known, then those of the others."""
    if not evidence.signed:
        yield Part(words("step_signatures_none"))
    for named in (True, False):
        found = [each for each in evidence.signed if (each.principal is not None) == named]
        if found:
            key = "step_signatures_said" if named else "step_signatures_bare"
            said = words(key, file=code(ALLOWED_SIGNERS))
            yield Part(said, tuple(commands.signature(evidence, each) for each in found))


def _stamps(evidence: Evidence, words: Words) -> Part:
    if not evidence.record.stamps:
        return Part(words("step_stamps_none"))
    if evidence.authorities:
        said = words("step_stamps_said", file=code(AUTHORITIES))
    else:
        said = words("step_stamps_bare", file=code(commands.OWN_AUTHORITIES))
    asked = (commands.stamp(evidence, each, proven) for each, proven in evidence.record.stamps)
    return Part(said, tuple(asked))


def _git(evidence: Evidence, words: Words) -> Part:
    version = evidence.version
    key = "step_git_redacted" if evidence.record.redactions else "step_git_said"
    said = [words(key, folder=code(f"versions/{version.brand}"))]
    said += [words("step_git_source")] if not isinstance(version, Import) else []
    said += [words("step_git_tag")] if isinstance(version, Release) else []
    return Part(Markup(" ").join(said), (commands.git(evidence),))


def proofs(evidence: Evidence, words: Words) -> Iterator[Markup]:
    """Yield what is proven, then what is not."""
    version = evidence.version
    yield words("proves_files", number=f"{version.sequence:04}")
    yield words("proves_chain")
    yield words("proves_archived")
    if isinstance(version, Import):
        yield words("proves_imported")
    if isinstance(version, Reconstruct):
        yield words("proves_reconstructed")
    if any(each.redacted for each in evidence.files):
        yield words("proves_redacted", sums=SUMS)
    yield words("proves_not_end")
    if evidence.signed:
        yield words("proves_signature")
    if evidence.record.stamps:
        yield words("proves_stamp")
    yield words("proves_clock")
