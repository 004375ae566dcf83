"""``python -m bench [NAME...] [--quick]``: print one table; end with 1 where a limit is missed.

On a machine that is busy from the start, a figure within its limit counts, and a missed limit does
not: then the end is 4.
"""

from __future__ import annotations

import compileall
import hashlib
import multiprocessing
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bench.archives import archive as archive_of
from bench.archives import commits_apart
from bench.large import at_size
from bench.measure import (
    BIN,
    HEAD,
    Figure,
    busy,
    command,
    dask,
    in_turn,
    peak,
    publisher,
    seconds,
    spent,
    spent_in_all,
    worked,
)
from bench.workspaces import git, repository, workspace, write

if TYPE_CHECKING:
    from publisher.render.pdf_job import PdfJob

ROOT = Path(__file__).parent.parent
QUICK = "--quick" in sys.argv
RUNS = 3 if QUICK else 5
FORMATS = ("--locale", "en", "--format", "html", "--format", "pdf")
ABOVE_FLOOR = 1.2
"""How much more time may pass than WeasyPrint alone takes on the same cores, in the same run."""
BARE_FORK = """
import multiprocessing, sys, weasyprint

def typeset(page):
    weasyprint.HTML(page).write_pdf(page + ".pdf")

with multiprocessing.get_context("fork").Pool(2) as pool:
    pool.map(typeset, sys.argv[1:], chunksize=1)
"""
"""The least that PDFs take: WeasyPrint loaded once, and as many processes as we have cores."""


def cold(folder: Path) -> Iterator[Figure]:
    """Three brands from nothing, against WeasyPrint's own command on the pages of the same PDFs."""
    from publisher.render.fonts import FOLDER

    pages = []
    for manuscript in manuscripts():
        pages.append(folder / f"{manuscript.brand}.html")
        pages[-1].write_text(manuscript.page, encoding="utf-8")

    def build() -> None:
        shutil.rmtree(folder / "cache", ignore_errors=True)
        shutil.rmtree(folder / "out", ignore_errors=True)
        publisher(
            "build", "--output", str(folder / "out"), *FORMATS, cwd=ROOT, cache=folder / "cache"
        )()

    def plain() -> None:
        for page in pages:
            command(
                str(BIN / "weasyprint"), str(page), str(page.with_suffix(".pdf")), cwd=folder,
                FONTCONFIG_FILE=str(FOLDER / "fonts.conf"),
            )()  # fmt: skip

    fork = command(str(BIN / "python"), "-c", BARE_FORK, *map(str, pages), cwd=folder,
                   FONTCONFIG_FILE=str(FOLDER / "fonts.conf"))  # fmt: skip
    for work in (build, plain, fork):
        work()
    ours, theirs, floor = in_turn(RUNS, build, plain, fork)
    note = f"{ours:.2f} s, {theirs:.2f} s; WeasyPrint loaded once and forked: {floor / theirs:.2f}x"
    limit = max(0.5, ABOVE_FLOOR * floor / theirs)
    yield Figure("cold build / three runs of weasyprint", ours / theirs, limit, note=note)


def further(folder: Path) -> Iterator[Figure]:
    """Each further PDF, against WeasyPrint alone with the same page, options and fonts."""
    from publisher.render import typeset
    from publisher.render.worker import cores, work, workers

    made = list(manuscripts())

    def each(typeset: Callable[[PdfJob], object], times: int = 1) -> None:
        for manuscript in made * times:
            typeset(manuscript)

    each(plainly)
    each(typeset.typeset)
    clock = time.process_time
    pairs = [
        in_turn(2 * RUNS, partial(typeset.typeset, one), partial(plainly, one), clock=clock)
        for one in made
    ]
    ours, plain = (sum(times) / len(made) for times in zip(*pairs, strict=True))
    # These checks find what no reader must meet, such as text beside the paper: they stay.
    note = f"{ours:.3f} s, {plain:.3f} s; a twentieth fits the text into pages and checks them"
    yield Figure("each further PDF / WeasyPrint, one core", ours / plain, 1.0, note=note)
    if cores() < 2:
        return
    with multiprocessing.get_context("fork").Pool(2) as alone, workers(2) as executor:
        alone.map(plainly, made * 2, chunksize=1)
        list(executor.map(work, made * 2))
        two, plain, floor = in_turn(
            RUNS,
            lambda: list(executor.map(work, made * 4)),
            lambda: each(plainly, times=4),
            lambda: alone.map(plainly, made * 4, chunksize=1),
        )
    # Two cores do not do twice the work of one: they share memory, and maybe a machine.
    limit = max(0.5, ABOVE_FLOOR * floor / plain)
    note = f"WeasyPrint alone on two cores: {floor / plain:.2f}x"
    yield Figure("each further PDF / WeasyPrint, two cores", two / plain, limit, note=note)


def plainly(manuscript: PdfJob) -> None:
    """Typeset a manuscript with WeasyPrint alone, without our changes to it."""
    import weasyprint

    from publisher.render import typeset, weasyprint_patches
    from publisher.render.conformance import VARIANT

    with weasyprint_patches.plain():
        weasyprint.HTML(string=manuscript.page).write_pdf(
            font_config=typeset._fonts(), pdf_variant=VARIANT, pdf_tags=True
        )


def unchanged(folder: Path) -> Iterator[Figure]:
    """A build in which nothing has changed; and one in which a clause of one brand has."""
    clone = folder / "clone"
    git(folder, "clone", "--quiet", str(ROOT), str(clone))
    cache = folder / "cache"
    build = publisher("build", cwd=clone, cache=cache)
    build()
    status = publisher("status", cwd=clone, cache=cache)
    status()
    helps = publisher("--help", cwd=clone, cache=cache)
    again, stand, help = in_turn(2 * RUNS, build, status, helps, clock=spent)
    note = f"{again:.2f} s, --help {help:.2f} s"
    yield Figure("nothing changed: build - --help", again - help, 0.1, " s", note)
    yield Figure("nothing changed: status / build", stand / again, 2.0, note=f"{stand:.2f} s")

    brand = clone / "brands" / "netvpx" / "brand.yaml"
    said, shades = brand.read_text(), iter(range(100, 1000))

    def changed() -> None:
        brand.write_text(said.replace("#2f5d3a", f"#2f5{next(shades)}"))
        build()

    def everything() -> None:
        publisher("build", "--no-cache", cwd=clone, cache=cache)()

    one, all = in_turn(RUNS, changed, everything)
    yield Figure("one brand changed / all made anew", one / all, None, note=f"{one:.2f} s")


def brands(folder: Path) -> Iterator[Figure]:
    """Many brands: time in proportion to their number, memory flat."""
    few, many = (20, 100) if QUICK else (100, 500)
    taken = {}
    for number in (few, many):
        root = write(folder / str(number), workspace(number))
        git(root, "init", "--quiet")
        git(root, "add", "--all")
        git(root, "-c", "user.name=A", "-c", "user.email=a@b.example", "commit", "-qm", "all")
        arguments = [str(BIN / "publisher"), "build", "--no-cache", "--jobs", "2", *FORMATS]
        taken[number], memory = peak(arguments, root, {})
    each = {number: time / number for number, time in taken.items()}
    note = f"{taken[few]:.0f} s, {taken[many]:.0f} s"
    yield Figure(
        f"a brand of {many} / a brand of {few}, time", each[many] / each[few], 1.15, note=note
    )
    yield Figure(f"{many} brands, memory", memory, 400, " MB")


HISTORIES = (
    ("ordinary", (10_000, 40_000), 20.0),
    ("editorial", (10_000, 40_000), 20.0),
    ("emphasis", (10_000,), 40.0),
    ("moved", (10_000,), 30.0),
)


def dating(folder: Path) -> Iterator[Figure]:
    """CPU time of long histories, against git's to list the commits and to hand out the blobs."""
    for kind, sizes, limit in HISTORIES:
        few = QUICK and kind != "emphasis"  # of fewer, the start is too large a part
        for commits in [size // 4 for size in sizes] if few else sizes:
            root = repository(folder / f"{kind}-{commits}", commits, kind=kind)
            cache = folder / "cache"
            helps = publisher("--help", cwd=root, cache=cache)

            def date(root: Path = root, cache: Path = cache) -> None:
                shutil.rmtree(cache, ignore_errors=True)
                publisher("build", "--format", "json", cwd=root, cache=cache)()

            slow = commits > 10_000
            runs, passes = 1 if slow else RUNS, lambda root=root: read_all(root)
            ours, theirs, start = in_turn(runs, date, passes, helps, clock=spent_in_all)
            note = f"{ours:.2f} s, {theirs:.2f} s, --help {start:.2f} s"
            name = f"{kind}: {commits} commits / git log, cat-file"
            if kind == "moved":  # of so short a search, the start is a good part
                name = f"{kind}: {commits}, - --help / git log, cat-file"
                ours -= start
            yield Figure(name, ours / theirs, limit, note=note)
            if not slow:
                build = publisher("build", "--format", "json", cwd=root, cache=cache)
                again, help = in_turn(RUNS, build, helps)
                yield Figure(f"{kind}: {commits} again, - --help", again - help, 0.3, " s")


def scheduled(folder: Path) -> Iterator[Figure]:
    """What a brand costs this machine, the scheduler and a worker, beyond the first eight."""
    few = 8
    root = archive_of(folder / "w", 3, apart=False, brands=80)
    build = ("build", "--no-cache", "--output", str(folder / "out"))
    with dask(folder) as (address, scheduler, worker):
        for command, many in ((build, 24), (("check",), 80), (("verify",), 80)):
            used = []
            for brands in (few, few, many):  # the first time, the worker loads what it needs
                names = [f"brand-{number:03}" for number in range(1, brands + 1)]
                before = spent(), worked(scheduler), worked(worker)
                asked = (*command, "--scheduler", address, *names)
                publisher(*asked, cwd=root, cache=folder / "cache")()
                after = spent(), worked(scheduler), worked(worker)
                used.append([end - start for start, end in zip(before, after, strict=True)])
            here, between, there = (
                (last - first) / (many - few) for first, last in zip(used[1], used[2], strict=True)
            )
            name = f"{command[0]} a brand on a scheduler"
            yield Figure(f"{name}: this machine", here * 1000, None, " ms")
            yield Figure(f"{name}: the scheduler", between * 1000, None, " ms")
            yield Figure(f"{name}: a worker", there * 1000, None, " ms")
            tiny = command == ("verify",)
            limit = None if tiny else 0.02
            note = (
                "documents without PDF: a worker needs 40 times as long for true ones"
                if tiny
                else ""
            )
            yield Figure("  this machine's share of the work", here / there, limit, note=note)


def archive(folder: Path) -> Iterator[Figure]:
    """An answer from many versions, against `--help`; verifying, for every 2,000 entries."""
    many = 1_000 if QUICK else 10_000
    root = archive_of(folder / "many", many, apart=False)
    three = archive_of(folder / "three", 3, apart=False)
    cache = folder / "cache"
    brand = next((root / "versions").iterdir()).name
    got = publisher("get", brand, "--on", "1999-06-15", cwd=root, cache=cache)
    of_three = publisher("get", brand, "--on", "1999-01-03", cwd=three, cache=cache)
    helps = publisher("--help", cwd=root, cache=cache)
    answer, small, help = in_turn(2 * RUNS, got, of_three, helps, clock=spent)
    ledger = root / "versions" / brand / "ledger"
    (floor,) = in_turn(RUNS, lambda: read_and_hash(ledger), clock=time.process_time)
    note = (
        f"{answer:.2f} s, --help {help:.2f} s; of three versions {small - help:.2f} s; "
        f"reading and hashing the ledger {floor:.2f} s"
    )
    # An answer proves the whole chain: docs/guarantees.md, "It stays quick", says what that takes.
    yield Figure(f"get, of {many} versions: - --help", answer - help, 0.2, " s", note)
    (root / f"{brand}-1999-06-15-en.pdf").unlink()
    # The documents are none, and verify says so of the newest.
    verify, of_three = (
        publisher("verify", cwd=place, cache=cache, ends=(0, 3)) for place in (root, three)
    )
    taken, small = in_turn(RUNS, verify, of_three, clock=spent)
    each = (taken - small) * 2_000 / many
    note = f"{taken:.2f} s; of three versions {small:.2f} s"
    yield Figure(f"verify 2,000 entries, of {many}", each, 1.0, " s", note)


def search(folder: Path) -> Iterator[Figure]:
    """An answer from 30,000 clauses that all differ, against `--help`; and what the index costs."""
    from publisher.files.cache import Cache
    from publisher.search.search import SearchRequest
    from publisher.search.search import search as task

    brands = 10 if QUICK else 100
    root = archive_of(folder / "said", 10, apart=False, brands=brands, clauses=30)
    cache = folder / "cache"
    asked = publisher("search", "brand 007 7 29", cwd=root, cache=cache)
    first = seconds(asked)
    helps = publisher("--help", cwd=root, cache=cache)
    answer, help = in_turn(2 * RUNS, asked, helps, clock=spent)
    clauses = brands * 10 * 30
    note = f"{answer:.2f} s, --help {help:.2f} s, the first time {first:.1f} s"
    yield Figure(f"search {clauses} clauses - --help", answer - help, 0.05, " s", note)
    request = SearchRequest("brand 007 7 29", datetime.now(UTC))
    (taken,) = in_turn(2 * RUNS, lambda: task(root, request, Cache(cache), lambda *_: None))
    yield Figure("  of which looking it up", taken * 1000, 50.0, " ms", "the rest loads libraries")


def site(folder: Path) -> Iterator[Figure]:
    """The public site of many versions, in milliseconds of one core for each page."""
    from publisher.files.cache import Cache
    from publisher.site.site import site as build

    many = 100 if QUICK else 1_000
    root = archive_of(folder / "many", many, apart=False)
    brand = next((root / "versions").iterdir()).name
    for what, limit in (("first", 20.0), ("again", 6.0)):
        began = time.process_time()
        now, cache = datetime.now(UTC), Cache(folder / "cache")
        address = "https://a.example/"
        build(root, folder / "site", now, brands=[brand], base_url=address, cache=cache)
        taken, pages = time.process_time() - began, 3 * many
        note = f"{taken:.1f} s"
        name = f"site of {many} versions, {what}, a page"
        yield Figure(name, taken / pages * 1000, limit, " ms", note)


def redline(folder: Path) -> Iterator[Figure]:
    """Policies with 2 % of their words changed, against what others make of the same texts."""
    from bench import edits
    from bench import redlines as made

    whole = edits.example(ROOT)
    size = len(made.text(whole).split())
    texts = {"the policy": whole, "ten times over": made.times(whole, 10),
             "30,000 words": made.times(whole, 30_000 // size)}  # fmt: skip
    for name, old in texts.items():
        new = made.edited(old, 0.02)
        ours = partial(made.by_us, old, new)
        plain, pages = (tuple(map(form, (old, new))) for form in (made.text, made.html))
        others = {
            "htmldiff2": partial(made.by_htmldiff2, *pages),
            "redlines": partial(made.by_redlines, *plain),
            "difflib without space": partial(made.by_difflib_without_space, *plain),
        }
        if old is whole:  # else it takes minutes
            others["difflib"] = partial(made.by_difflib, *plain)
        marked = {other: work() for other, work in others.items()}
        mine = ours()
        for other, work in others.items():
            took, theirs = in_turn(RUNS, ours, work)
            easy = old is whole and other == "difflib without space"
            yield Figure(f"redline of {name} / {other}", took / theirs, None if easy else 1.0,
                         note=f"{took * 1000:.1f} ms, {theirs * 1000:.1f} ms")  # fmt: skip
        best = min(marked.values())
        # An amount, or a date, is marked whole by us where its unit stays; others divide it.
        yield Figure(f"words marked in {name} / the fewest", mine / best, 1.05,
                     note=f"{mine}, {marked}")  # fmt: skip
    small, large = (made.times(whole, words // size) for words in (30_000, 100_000))
    pairs = [(each, made.edited(each, 0.02)) for each in (small, large)]
    three, ten = in_turn(RUNS, *(partial(made.by_us, *pair) for pair in pairs))
    yield Figure("100,000 words / 30,000 words, for each word", ten / three * 0.3, 1.3,
                 note=f"{ten * 1000:.0f} ms")  # fmt: skip


def groups(folder: Path) -> Iterator[Figure]:
    """200 edits that put text in other groups, or sentences elsewhere: what is marked, how fast."""
    from bench import edits
    from publisher.redline import redline

    pairs = list(edits.pairs(edits.example(ROOT), 200))
    found = edits.Figures()
    for _, old, new in pairs:
        found.add(redline(old, new), old, new)
    note = f"{found.marked}, {found.fewest}; moved {found.moved}, struck and written {found.again}"
    yield Figure("words marked in 200 edits / the fewest", found.marked / found.fewest, 1.02,
                 note=note)  # fmt: skip
    (taken,) = in_turn(RUNS, lambda: [redline(old, new) for _, old, new in pairs])
    yield Figure("a redline of such an edit", taken / len(pairs) * 1000, 20.0, " ms")


def tables(folder: Path) -> Iterator[Figure]:
    """Cells of tables, against paragraphs of the same text; a notice with long cells."""
    from bench import tables as made
    from publisher.render.typeset import typeset

    said = made.sentences(3_200)
    texts = ("Nothing.", said, made.table(("a", "b"), [("x", said)]))
    manuscripts = [made.manuscript(folder / str(at), text) for at, text in enumerate(texts)]
    works = [partial(typeset, manuscript) for manuscript in manuscripts]
    nothing, paragraph, cell = in_turn(2 * RUNS, *works, clock=time.process_time)
    ratio = (cell - nothing) / (paragraph - nothing)
    note = f"{cell:.2f} s, {paragraph:.2f} s"
    yield Figure("a character of a cell / of a paragraph", ratio, 3.0, note=note)
    notice = made.manuscript(folder / "notice", made.notice(rows=110, characters=480))
    (taken,) = in_turn(1, partial(typeset, notice), clock=time.process_time)
    yield Figure("a table of 110 rows with 3 x 480 characters", taken, 10.0, " s")


def read_all(root: Path) -> None:
    """List the commits as git does, and read every blob that they brought."""
    said = git(root, "log", "--first-parent", "--raw", "--no-abbrev", "--format=%H %ct")
    blobs = [line.split()[3] for line in said.splitlines() if line.startswith(":")]
    git(root, "cat-file", "--batch", stdin="\n".join(blobs) + "\n")


def read_and_hash(folder: Path) -> None:
    """Read and hash all files of a folder: the least that following a ledger's chain takes."""
    for name in sorted(os.listdir(folder)):  # noqa: PTH208 - a path each would cost as much again
        file = os.open(f"{folder}/{name}", os.O_RDONLY)
        hashlib.sha256(os.read(file, 1 << 16)).digest()
        os.close(file)


def manuscripts() -> Iterator:  # type: ignore[type-arg]
    """Yield what the PDFs of the company of the example are made from."""
    from publisher.compose.brands import compose_all, load_brands
    from publisher.policy.dating import Dating
    from publisher.render.pdf import manuscript
    from publisher.render.style import style_of
    from publisher.repository.source import FolderSource

    source = FolderSource(ROOT)
    company = load_brands(source, ())
    for each in compose_all(company):
        if each.policy is not None:
            dating = Dating("draft" if each.policy.draft else "undated")
            yield manuscript(
                each.policy, dating, style_of(source, company.brands[each.brand]), source
            )


def check(folder: Path) -> Iterator[Figure]:
    """Check the policies of many brands: CPU time in proportion to their number."""
    few, many = (20, 100) if QUICK else (100, 500)
    each = {}
    for number in (few, many):
        root = write(folder / str(number), workspace(number))
        checked = publisher("check", cwd=root, cache=folder / "cache", ends=(0, 1))
        helps = publisher("--help", cwd=root, cache=folder / "cache")
        taken, help = in_turn(1, checked, helps, clock=spent)
        each[number] = (taken - help) / number
    yield Figure(f"check of {many} brands / of {few}, a brand", each[many] / each[few], 1.15,
                 note=f"{each[many] * 1000:.0f} ms, {each[few] * 1000:.0f} ms")  # fmt: skip


BENCHES: tuple[Callable[[Path], Iterator[Figure]], ...] = (
    cold,
    further,
    unchanged,
    brands,
    check,
    dating,
    scheduled,
    archive,
    commits_apart,
    at_size,
    search,
    site,
    redline,
    groups,
    tables,
)


def main() -> int:
    """Run the benches that are named, or all; return the exit code."""
    named = [name for name in sys.argv[1:] if not name.startswith("-")]
    known = {bench.__name__: bench for bench in BENCHES}
    unknown = sorted(set(named) - known.keys())
    if unknown:
        print(f"there is no bench '{unknown[0]}'. Name one of: {', '.join(known)}")
        return 2
    # As installed: `command` keeps Python from writing what it has compiled.
    compileall.compile_dir(ROOT / "publisher", quiet=1)
    load, missed = busy(), 0
    if load:
        print(f"the machine is busy: load {load:.1f}. No limit counts as missed")
    print(HEAD)
    for name in named or known:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            for figure in known[name](Path(folder)):
                print(figure.row(busy=bool(load)), flush=True)
                missed += not figure.well
    if missed and load:
        print(f"{missed} may be missed: try again on idle cores")
    return (4 if load else 1) if missed else 0


if __name__ == "__main__":
    sys.exit(main())
