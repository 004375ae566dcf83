"""A command on one brand asks git for that brand's commits only: the answers are those from all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from conftest import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from support.workspaces import SMALL, Repo, clause, imported, small

from publisher.compare.revisions import history
from publisher.compose.brands import compose_all
from publisher.errors import PublisherError
from publisher.history.dates import Dates
from publisher.history.overrides import overrides
from publisher.history.translations import translations
from publisher.policy.dating import Dating
from publisher.repository import reading
from publisher.repository.moment import Moment, committed, open_workspace
from publisher.workspace import brands_in, load

Files = dict[str, str]
Edit = Callable[[Files], Files]

DATA, WHO, DUTCH = (f"shared/clauses/{path}.md" for path in ("en/data", "en/who", "nl/data"))
EDITORIAL = "\n\nPolicy-Change: editorial"
NAMES = ("alpha", "beta", "gamma", "delta")
SISTERS = "We, {% for each in brand.sisters %}{{ each.name }} {% endfor %}, keep it."


def write(path: str, text: str) -> Edit:
    """Return the edit that gives a file of the workspace another text."""
    return lambda files: {**files, home(files) + path: text}


def home(files: Files) -> str:
    """Return where the workspace lies, with a slash behind."""
    return next(path for path in sorted(files) if path.endswith("shared/company.yaml"))[:-19]


def change(path: str, old: str, new: str) -> Edit:
    """Return the edit that changes some words of a file, where it has them."""

    def edit(files: Files) -> Files:
        full = home(files) + path
        return {**files, full: files[full].replace(old, new)} if full in files else files

    return edit


def drop(path: str) -> Edit:
    return lambda files: {p: t for p, t in files.items() if not p.startswith(home(files) + path)}


def rename(old: str, new: str) -> Edit:
    """Return the edit that gives a brand another id, unless that is taken."""

    def edit(files: Files) -> Files:
        before, after = (f"{home(files)}brands/{brand}/" for brand in (old, new))
        if any(path.startswith(after) for path in files):
            return files
        return {path.replace(before, after): text for path, text in files.items()}

    return edit


def move(new: str) -> Edit:
    """Return the edit that puts the workspace into another folder."""
    return lambda files: {new + path.removeprefix(home(files)): t for path, t in files.items()}


def both(*edits: Edit) -> Edit:
    """Return several edits as one."""

    def edit(files: Files) -> Files:
        for one in edits:
            files = one(files)
        return files

    return edit


def brand_edits(brand: str) -> list[Edit]:
    own, file = f"brands/{brand}/clauses/en/data.md", f"brands/{brand}/brand.yaml"
    title = brand.title()
    return [
        write(own, clause("Ours.", "Data")),
        write(own, clause("Ours, again.", "Data")),
        write(own, '{% extends "shared/data.md" %}{% block what %}Ours.{% endblock %}'),
        drop(own),
        drop(f"brands/{brand}/"),
        change(file, f"name: {title}\n", f"name: {title} NV\n"),
        change(file, f"name: {title} NV\n", f"name: {title}\n"),
        change(file, "sisters: [beta]\n", ""),
        change(file, "timezone:", "sisters: [gamma]\ntimezone:"),
        change(file, "sisters: [gamma]\n", ""),
        change(file, "locales: [en]", "locales: [en, nl]"),
        change(file, "timezone:", "was: [beta, delta]\ntimezone:"),
        change(file, "was: [beta, delta]\n", ""),
        change(file, "domain:", "domain: [:"),
        change(file, "domain: [:", "domain:"),
        *(rename(brand, new) for new in NAMES if new != brand),
        both(rename(brand, "delta"), write(own.replace(brand, "delta"), clause("New.", "Data"))),
    ]


EDITS: list[Edit] = [
    *(edit for brand in ("alpha", "beta", "gamma") for edit in brand_edits(brand)),
    both(rename("alpha", "aside"), rename("beta", "alpha"), rename("aside", "beta")),
    *(write(DATA, text) for text in (SMALL[DATA], clause("We keep it."), clause(SISTERS))),
    write(DATA, clause("{{ nothing }}")),
    write(DATA, clause("{% block what %}We keep it.{% endblock %}")),
    *(write(DUTCH, clause(text, "Data")) for text in ("Wij.", "Wij houden het.")),
    write(WHO, clause("We.", "Who")),
    drop("shared/policy.yaml"),
    write("shared/policy.yaml", SMALL["shared/policy.yaml"]),
    write("README.md", "x"),
    *(move(folder) for folder in ("", "legal/", "web/legal/")),
]


@dataclass(frozen=True)
class Stage:
    """A commit: its edit, and what it says. `back` is how many before it it starts from.

    `merges` brings the commit before it, if that started from further back.
    """

    edit: Edit
    editorial: bool
    back: int
    merges: bool
    reviewed: bool


STAGES = st.builds(
    Stage,
    st.sampled_from(EDITS),
    st.booleans(),
    st.sampled_from((1, 1, 1, 1, 2, 3)),
    st.booleans(),
    st.sampled_from((False, False, True)),
)


def first() -> Files:
    gamma = SMALL["brands/beta/brand.yaml"].replace("beta", "gamma").replace("Beta", "Gamma")
    return {
        **SMALL,
        "brands/gamma/brand.yaml": gamma,
        **{f"shared/clauses/nl/{id}.md": clause(id, id) for id in ("who", "data", "rights")},
    }


def made(root: Path, stages: list[Stage]) -> None:
    """Make a repository with a commit for each stage, on a line that merges others."""
    states, stream = [first()], ""
    parents: list[tuple[int, ...]] = [()]
    said = ["first"]
    tip = 0
    for stage in stages:
        start = max(0, tip - stage.back + 1)
        states.append(stage.edit(states[start]))
        review = "\n\nReviewed: brands/alpha/clauses/en/data.md" if stage.reviewed else ""
        said.append(f"x{EDITORIAL if stage.editorial else review}")
        parents.append((start,))
        at = len(states) - 1
        if start != tip:  # it lies beside the line, which takes it in
            states.append(states[at] if stage.merges else {**states[tip]})
            parents.append((tip, at))
            said.append("merge")
        tip = len(states) - 1
    for at, (files, before) in enumerate(zip(states, parents, strict=True)):
        stream += f"commit refs/heads/main\nmark :{at + 1}\n"
        stream += f"committer A <a@b.example> {1_500_000_000 + at * 86_400} +0000\n"
        stream += f"data {len(said[at])}\n{said[at]}\n"
        words = ("from", *["merge"] * 3)
        stream += "".join(f"{word} :{p + 1}\n" for word, p in zip(words, before, strict=False))
        stream += "deleteall\n" + "".join(
            f"M 100644 inline {path}\ndata {len(text.encode())}\n{text}\n"
            for path, text in files.items()
        )
    imported(root, stream)


def answers(root: Path, brand: str) -> list[object]:
    """Return what commands on one brand say of its past, now and at an earlier commit."""
    told: list[object] = [attempt(lambda: history(root, brand))]
    with open_workspace(root) as moment:
        assert moment.repository is not None
        earlier = attempt(lambda: committed(moment.repository, "HEAD~2"))
        for then in (moment, *([earlier] if isinstance(earlier, Moment) else ())):
            told.append(attempt(lambda then=then: dated(then, brand)))
            told.append(attempt(lambda then=then: followers(then, brand)))
    return told


def dated(moment: Moment, brand: str) -> list[Dating]:
    workspace = load(moment.source, (brand,))
    policies = [one.policy for one in compose_all(workspace) if one.policy is not None]
    about = {policy.locale: workspace.brands[brand].content for policy in policies}
    return Dates(moment).of([(policy, about[policy.locale]) for policy in policies])


def followers(moment: Moment, brand: str) -> object:
    workspace = load(moment.source, (brand,))
    return overrides(moment, workspace), translations(moment, workspace)


def attempt(answer: Callable[[], object]) -> object:
    try:
        return answer()
    except PublisherError as fault:
        return str(fault)


@pytest.mark.thorough
@settings(max_examples=examples(25))
@given(stages=st.lists(STAGES, min_size=4, max_size=14))
def test_the_commits_of_one_brand_give_the_answers_of_all(
    tmp_path_factory: pytest.TempPathFactory, stages: list[Stage]
) -> None:
    root = tmp_path_factory.mktemp("history") / "repo"
    made(root, stages)
    folders = [path.parent.parent for path in root.glob("**/shared/company.yaml")]
    for workspace in folders if folders and (folders[0] / "brands").exists() else ():
        with open_workspace(workspace) as moment:
            brands = brands_in(moment.source)
        for brand in brands:
            limited = answers(workspace, brand)
            with pytest.MonkeyPatch.context() as patched:
                patched.setattr(reading, "_FEW_BRANDS", -1)
                assert answers(workspace, brand) == limited


ALPHA, BETA = (SMALL[f"brands/{brand}/brand.yaml"] for brand in ("alpha", "beta"))


def days(root: Path, brand: str) -> list[int]:
    (told,) = history(root, brand)
    return [entry.day.day if entry.day else 0 for entry in told.entries]


def test_what_a_former_sister_was_called_is_in_the_history(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    small(repo.workspace, {DATA: clause(SISTERS)})
    repo.commit()
    repo.commit({"brands/beta/brand.yaml": BETA.replace("name: Beta", "name: Beta NV")})
    repo.commit({"brands/beta/clauses/en/who.md": clause("Beta's own.")})
    repo.commit({"brands/alpha/brand.yaml": ALPHA.replace("sisters: [beta]\n", "")})
    assert days(repo.root, "alpha") == [5, 3, 2]


def test_editorial_commits_hide_no_change_of_a_former_sister(tmp_path: Path) -> None:
    """No commit is composed where all are editorial: what the policy reads there is known."""
    repo = Repo(tmp_path / "repo")
    small(repo.workspace, {DATA: clause(SISTERS)})
    repo.commit()
    repo.commit({"brands/beta/brand.yaml": BETA.replace("name: Beta", "name: Beta NV")})
    repo.commit({DATA: clause("We keep it.")}, f"x{EDITORIAL}")
    repo.commit({"brands/beta/brand.yaml": BETA})
    repo.commit({WHO: clause("We.", "Who")}, f"x{EDITORIAL}")
    plain = ALPHA.replace("sisters: [beta]\n", "")
    repo.commit({"brands/alpha/brand.yaml": plain}, f"x{EDITORIAL}")
    with open_workspace(repo.root) as moment:
        (dating,) = dated(moment, "alpha")
    assert dating.last_updated == date(2024, 1, 3)


def test_what_a_brand_said_under_another_id_is_in_the_history(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    small(repo.workspace)
    repo.commit()
    repo.commit({"brands/beta/clauses/en/who.md": clause("Beta's own.")})
    repo.commit({"brands/alpha/clauses/en/who.md": clause("Alpha's own.")})
    (repo.root / "brands/beta").rename(repo.root / "brands/nova")
    repo.commit()
    repo.commit({"brands/nova/clauses/en/data.md": clause("Nova's own.")})
    assert days(repo.root, "nova") == [6, 3, 2]


def test_a_clause_that_moved_from_another_brand_was_reviewed_there(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    small(repo.workspace, {"brands/beta/clauses/en/data.md": clause("Beta's own.")})
    repo.commit()
    changed = repo.commit({DATA: clause("We keep it.")})
    (repo.root / "brands/alpha/clauses/en").mkdir(parents=True)
    (repo.root / "brands/beta/clauses/en/data.md").rename(
        repo.root / "brands/alpha/clauses/en/data.md"
    )
    repo.commit()
    with open_workspace(repo.root) as moment:
        (override,) = overrides(moment, load(moment.source, ("alpha",)))
    assert override.since.changed is not None
    assert override.since.changed.commit == changed
