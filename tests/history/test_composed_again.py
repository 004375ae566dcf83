"""What history remembers between neighbouring commits never shows: the same dates as without."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest
from conftest import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from support.remembered import forget
from support.sources import Files
from support.workspaces import SMALL, clause, imported

from publisher.compose import compose
from publisher.errors import InvalidPolicy
from publisher.history.dates import Dates
from publisher.history.places import PolicyAt, tree_at
from publisher.policy.tree import Policy
from publisher.policy.words import clause_words, same_words, words
from publisher.repository.moment import open_workspace
from publisher.repository.source import TreeSource
from publisher.workspace import load

DATA, OWN = "shared/clauses/en/data.md", "brands/alpha/clauses/en/data.md"
RIGHTS, ALPHA = "shared/clauses/en/rights.md", "brands/alpha/brand.yaml"
LOOP = "{% for each in processors %}\n- {{ each.name }}\n{% endfor %}"
EDITS: list[tuple[str, str | None]] = [
    (DATA, SMALL[DATA]),
    (DATA, SMALL[DATA].replace("your name", "your *name*")),
    (DATA, SMALL[DATA].replace("your name", "your **name** and address")),
    (DATA, SMALL[DATA].replace("Who receives it:", "## Who *receives* it\n\nThese:")),
    (DATA, clause(f"We keep it.\n\n{LOOP}\n\nFor {{{{ company.name }}}}.")),
    (DATA, clause(f"We *keep* it.\n\n{LOOP}\n\nFor {{{{ company.name }}}}.")),
    (DATA, clause("We keep it.\n\nSee [your rights](#rights).")),
    (DATA, clause("{{ nothing }}")),
    (OWN, '{% extends "shared/data.md" %}{% block what %}Ours: {{ super() }}{% endblock %}'),
    (OWN, clause("Ours.")),
    (OWN, None),
    (RIGHTS, SMALL[RIGHTS]),
    (RIGHTS, SMALL[RIGHTS].replace("title: Your rights", "title: Your own rights")),
    (ALPHA, SMALL[ALPHA]),
    (ALPHA, SMALL[ALPHA].replace("processors: [mailer, bank]", "processors: [bank]")),
]
BRANDS = ("alpha", "beta")
LINK = "../elsewhere"
"""What a file says that is no file, but a link."""
FIRST = date(2017, 7, 14)


def stages(edits: list[tuple[str, str | None]]) -> list[dict[str, str]]:
    """Return the files of a workspace at each of its commits."""
    files = dict(SMALL)
    all = [dict(files)]
    for path, text in edits:
        files = {**files, path: text} if text is not None else files
        files = {name: own for name, own in files.items() if text is not None or name != path}
        all.append(files)
    return all


def committed(root: Path, stages: list[dict[str, str]]) -> list[str]:
    """Make a repository with a commit for each stage; return their ids, oldest first."""
    stream = ""
    for at, files in enumerate(stages):
        stream += f"commit refs/heads/main\ncommitter A <a@b.example> {1_500_000_000 + at * 86_400}"
        stream += " +0000\ndata 1\nx\ndeleteall\n" + "".join(
            f"M {'120000' if text == LINK else '100644'} inline {path}\ndata {len(text.encode())}\n{text}\n"
            for path, text in files.items()
        )
    imported(root, stream)
    log = ["git", "rev-list", "--reverse", "main"]
    return subprocess.run(log, cwd=root, capture_output=True, text=True, check=True).stdout.split()


def slowly(files: dict[str, str], brand: str) -> Policy | None:
    """Return a policy composed from files with nothing remembered; None for one with errors."""
    forget()
    try:
        return compose(load(Files(files), (brand,)), brand, "en")
    except InvalidPolicy:
        return None


WHO, PART = "shared/clauses/en/who.md", "shared/clauses/en/_part.md"
INCLUDED = '{% include "shared/_part.md" %}'
MORE: list[tuple[str, str | None]] = [
    *EDITS,
    (DATA, clause(f"{INCLUDED}\n\nNoted.[^n]\n\n[^n]: Below.")),
    (DATA, "---\ntitle: Data\nwhen: {processor: mailer}\n---\nSent.\n"),
    (DATA, "---\ntitle: Data\nwhen: {locale: [nl]}\n---\nSent.\n"),
    (DATA, "---\ntitle: Data\nunconfirmed: [Is it so?]\n---\n{{ brand.domain }}\n"),
    (DATA, clause("- one\n- *two*\n- three\n\n## Links\n\n[Here](#links), [there](#who).")),
    (
        DATA,
        clause("- one\n- two\n- four\n\n## Links {#there}\n\n[Here](#there), [there](#rights)."),
    ),
    (DATA, None),
    (OWN, clause("Ours.[^a]\n\n[^a]: Note.")),
    (OWN, clause(INCLUDED)),
    (RIGHTS, clause("A right.[^r]\n\n[^r]: Which one.", "Rights")),
    (RIGHTS, clause("A *right*.[^r]\n\n[^r]: Which one.", "Rights")),
    (WHO, clause("Who\u00ad ever.", "Who")),
    (WHO, SMALL[WHO]),
    (WHO, "no front matter"),
    (PART, "We are {{ company.name }}.\n"),
    (PART, "Part of *{{ brand.name }}*.\n"),
    (PART, None),
    (WHO, LINK),
    ("shared/clauses/en", LINK),
    ("shared/clauses/en", None),
    ("brands/alpha", LINK),
    ("brands/alpha", None),
    ("shared", LINK),
    ("shared", None),
    ("shared/clauses/nl/data.md", clause("Wij.")),
    ("shared/clauses/nl/data.md", "---\ntitle: Data\nwhen: {locale: [nl]}\n---\nWij.\n"),
    ("shared/clauses/en/stray.txt", "x"),
    ("shared/clauses/stray.md", "x"),
    ("brands/alpha/clauses/en/Odd Name.md", "x"),
    ("brands/alpha/clauses/en/Odd Name.md", None),
    ("shared/policy.yaml", SMALL["shared/policy.yaml"] + "numbering: clauses\n"),
    ("shared/company.yaml", SMALL["shared/company.yaml"].replace("Acme NV", "Acme SA")),
    (ALPHA, SMALL[ALPHA] + "sisters: [beta]\n"),
    (ALPHA, SMALL[ALPHA] + "sisters: [gone]\n"),
    ("brands/gone/brand.yaml", SMALL["brands/beta/brand.yaml"].replace("Beta", "Gone")),
    ("brands/beta/brand.yaml", SMALL["brands/beta/brand.yaml"].replace("Beta", "Better")),
    ("brands/beta/brand.yaml", None),
]


def wholly(compose: Callable[[], Policy | None]) -> object:
    """Return all that there is to say of a policy, with what does not count where two are compared."""
    try:
        policy = compose()
    except InvalidPolicy as fault:
        return fault.problems, fault.files
    more = [(one.places, one.quoted) for one in policy.clauses] if policy else []
    return policy, policy and policy.warnings, more


def at_once(source: TreeSource, brand: str) -> Policy | None:
    """Return a policy composed from all files, with nothing remembered."""
    forget()
    workspace = load(source, (brand,))
    return compose(workspace, brand, "en") if brand in workspace.brands else None


@settings(max_examples=examples(25))
@given(st.data(), st.lists(st.sampled_from(MORE), min_size=2, max_size=9))
def test_a_policy_is_made_from_that_of_another_commit_as_from_all_files(
    tmp_path_factory: pytest.TempPathFactory,
    data: st.DataObject,
    edits: list[tuple[str, str | None]],
) -> None:
    files = stages(edits)
    root = tmp_path_factory.mktemp("history") / "repo"
    ids = committed(root, files)
    line = [*reversed(range(len(ids))), *data.draw(st.permutations(range(len(ids))))]
    with open_workspace(root, ids[0]) as moment:
        assert moment.repository is not None
        for brand in BRANDS:
            trees = [tree_at(moment.repository, id) for id in ids]
            slow = [wholly(partial(at_once, tree, brand)) for tree in trees]
            forget()
            policy_at = PolicyAt(moment.repository, brand, "en")
            policies = []
            for at in line:
                quick = wholly(partial(policy_at, ids[at]))
                assert quick == slow[at], f"stage {at}"
                policies += [quick[0]] if isinstance(quick[0], Policy) else []
            for one, other in pairwise(policies):
                assert same_words(one, other) == (words(one) == words(other))


@settings(max_examples=examples(6))
@given(edits=st.lists(st.sampled_from(EDITS), min_size=1, max_size=7))
def test_dates_are_those_of_the_slow_way(
    tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[str, str | None]]
) -> None:
    files = stages(edits)
    root = tmp_path_factory.mktemp("history") / "repo"
    ids = committed(root, files)
    with open_workspace(root, "HEAD") as moment:
        workspace = load(moment.source, BRANDS)
        for brand in BRANDS:
            policies = [slowly(stage, brand) for stage in files]
            last = policies[-1]
            if last is None:
                continue
            forget()
            own = compose(workspace, brand, "en")
            (dating,) = Dates(moment).of([(own, workspace.brands[brand].content)])
            assert (words(own), own.clauses) == (words(last), last.clauses)
            assert dating.commit == ids[newest(policies, words)]
            for clause_id, day in dating.clauses.items():
                at = newest(policies, lambda policy, of=clause_id: clause_words(policy).get(of))
                assert day == FIRST + timedelta(days=at)


def newest(policies: list[Policy | None], said: Callable[[Policy], object]) -> int:
    """Return at which commit something came to be said that is said at the newest one.

    A policy with errors says nothing: what changes there changes at the next one without.
    """
    whole = [(at, said(policy)) for at, policy in enumerate(policies) if policy is not None]
    at, value = whole[-1]
    for earlier, other in reversed(whole):
        if other != value:
            break
        at = earlier
    return at
