"""Two versions of a brand → what changed, in words and as a redline; remembered by their texts."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace

from publisher.archive.issued import text_path
from publisher.files.cache import Cache, key
from publisher.policy.tree import Policy
from publisher.redline import redline
from publisher.redline.values import Origin
from publisher.redline.views.page import html
from publisher.redline.views.phrases import summary
from publisher.render.languages import known, labels_of
from publisher.render.style import Style
from publisher.render.toolchain import tools_digest
from publisher.site.values import LocaleVersion

_MAIN = re.compile(r"<main\b.*</main>", re.DOTALL)
_STYLE = Style()
ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class VersionChanges:
    """How a version differs from another: in a line, empty if no words do, and in `main`.

    `main` is the ``<main>`` of the redline's page.
    """

    line: str
    main: str


class Comparing:
    """Compares versions; `cache` remembers the results."""

    def __init__(self, cache: Cache) -> None:
        self.cache = cache

    def compare(self, old: LocaleVersion, new: LocaleVersion) -> VersionChanges | None:
        """Return how two versions differ; None if one of them has no text."""
        if old.policy is None or new.policy is None:
            return None
        own = repr(new.policy.own_texts and labels_of(new.policy))
        name = key("site", tools_digest(self.cache), own, *_identity(old), *_identity(new))
        stored = self.cache.get(name)
        if stored is not None:
            return VersionChanges(**json.loads(stored))
        changes = _compared(old, new, in_known_language(old.policy), in_known_language(new.policy))
        self.cache.put(name, json.dumps({"line": changes.line, "main": changes.main}).encode())
        return changes


def in_known_language(policy: Policy) -> Policy:
    """Return a policy whose locale has labels: an imported one may be in any language."""
    spoken = policy.own_texts is not None or known(policy.locale)
    return policy if spoken else replace(policy, locale=ENGLISH)


def _compared(
    old: LocaleVersion, new: LocaleVersion, before: Policy, after: Policy
) -> VersionChanges:
    comparison = redline(before, after)
    origins = _origin(old), _origin(new)
    page = html(comparison, origins, _STYLE).decode()
    main = _MAIN.search(page)
    line = summary(comparison, labels_of(after))
    return VersionChanges(line, main[0] if main is not None else "")


def _origin(version: LocaleVersion) -> Origin:
    return Origin(version.id, "version", version.version.brand, version.id, version.period.since)


def _identity(version: LocaleVersion) -> tuple[str, ...]:
    """Return the identity of one side of a redline: brand, version, first day, and SHA-256."""
    path = text_path(version.version, version.locale)
    text = next(document.sha256 for document in version.documents if document.path == path)
    return (version.version.brand, version.id, str(version.period.since), text)
