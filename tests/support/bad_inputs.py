"""What users get wrong, and what they are told: one row each of the table in the documentation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

from publisher.render.own_texts import english_file
from support.workspaces import SMALL, Repo, clause

ALPHA = SMALL["brands/alpha/brand.yaml"]
COMPANY = SMALL["shared/company.yaml"]
DATA = "shared/clauses/en/data.md"
LOGO = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">{}</svg>'
HEAD = "shared/company.yaml"
OWN = "brands/alpha/brand.yaml"

Changes = Mapping[str, str | bytes | None]


@dataclass(frozen=True)
class Case:
    """A fault: what it is, the files that have it, and the message, with its place.

    `prepare` does to the repository what files cannot say; `at` is a revision to build.
    """

    what: str
    message: str
    files: Changes = field(default_factory=dict)
    code: int = 1
    prepare: Callable[[Repo], None] | None = None
    at: str | None = None


def _company(old: str, new: str) -> Changes:
    return {HEAD: COMPANY.replace(old, new)}


def _link(repo: Repo) -> None:
    path = repo.workspace / DATA
    path.rename(repo.root / "elsewhere.md")
    path.symlink_to(repo.root / "elsewhere.md")


def _pipe(repo: Repo) -> None:
    import os

    (repo.workspace / DATA).unlink()
    os.mkfifo(repo.workspace / DATA)


def _ambiguous(repo: Repo) -> None:
    repo.git("branch", "v1")
    repo.git("tag", "v1")


def _shallow(repo: Repo) -> None:
    repo.commit({"README.md": "one"})
    (repo.root / ".git" / "shallow").write_text(repo.git("rev-parse", "HEAD") + "\n")


def _partial(repo: Repo) -> None:
    repo.commit({DATA: clause("Lost, and in no other test: what was read once is remembered.")})
    blob = repo.git("rev-parse", f"HEAD:{DATA}")
    repo.commit({DATA: clause("New.")})
    (repo.root / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    repo.git("config", "remote.origin.url", (repo.root / "nowhere").as_uri())
    repo.git("config", "remote.origin.promisor", "true")
    repo.git("config", "remote.origin.partialclonefilter", "blob:none")


def _head(repo: Repo) -> None:
    (repo.root / ".git" / "HEAD").write_text("nonsense\n")


BRAND = "brands/alpha/brand.yaml"
LABELS = "shared/labels/en.yaml"


@cache
def _english() -> str:
    return english_file().decode()


def _labels(before: str, after: str) -> Changes:
    english = _english()
    assert before in english
    return {LABELS: english.replace(before, after, 1)}


CASES = (
    Case("a YAML key that appears twice", f"{HEAD}:8: 'name' appears twice: in lines 1 and 8; keep one of the two",
         {HEAD: COMPANY + "name: Other\n"}),
    Case("a YAML alias", f"{HEAD}:3: has an alias; write the value out",
         _company("vat: BE0123 456 749", "vat: *name")),
    Case("a YAML anchor", f"{HEAD}:1: has an anchor; write the value out",
         _company("name: Acme NV", "name: &name Acme NV")),
    Case("a YAML merge key", "brands/alpha/brand.yaml:11: has a merge key; write the values out",
         {"brands/alpha/brand.yaml": ALPHA + "theme:\n  <<: {accent: '#000000'}\n"}),
    Case("a YAML tag", f"{HEAD}:3: has the tag !!bool; leave the tag out",
         _company("vat: BE0123 456 749", "vat: !!bool maybe")),
    Case("a day that does not exist", "brands/alpha/brand.yaml:10: 'baseline.last_updated' is "
         "'2024-02-30'; there is no such day: write one that exists",
         {"brands/alpha/brand.yaml": ALPHA + "baseline: {last_updated: 2024-02-30, source: x}\n"}),
    Case("the time zone of the machine", "brands/alpha/brand.yaml:6: 'timezone' is 'localtime'; write a time "
         "zone such as Europe/Brussels",
         {"brands/alpha/brand.yaml": ALPHA.replace("Europe/Brussels", "localtime")}),
    Case("YAML that is nested too deeply", f"{HEAD}:8: is nested too deeply; flatten it",
         {HEAD: COMPANY + "  deep: " + "[" * 70 + "]" * 70 + "\n"}),
    Case("a file of more than 1 MB", f"{DATA}: is larger than 1 MB; split it into several",
         {DATA: clause("x" * 1_100_000)}),
    Case("a mailbox with an encoded newline", "brands/alpha/brand.yaml:3: 'contact' is "
         "'privacy%0Abcc@alpha.example'; …",
         {"brands/alpha/brand.yaml": ALPHA.replace("privacy@", "privacy%0Abcc@")}),
    Case("a link that writes a further header", f"{DATA}:4: has a link to 'mailto:a%0Ab@x.example'; write "
         "https://…, mailto:…, tel:… or #clause-id", {DATA: clause("[a](mailto:a%0Ab@x.example)")}),
    Case("a line without an end", f"{DATA}:4: has a line of 300,000 characters, more than 20,000; "
         "divide it into several lines", {DATA: clause("[^" * 150_000)}),
    Case("a paragraph without an end", f"{DATA}:4: has a paragraph of 59,999 characters, more than "
         "20,000; divide it into several paragraphs", {DATA: clause("_\n" * 30_000)}),
    Case("a number that is not written as it was typed", f"{DATA}:4: has a number with too many "
         "digits; put it between quotes, as text", {DATA: clause("{{ 1e999 }}")}),
    Case("bytes that are not UTF-8", f"{DATA}:4: is not UTF-8: byte 0xe9; save it as UTF-8",
         {DATA: clause("é").encode("latin-1")}),
    Case("UTF-16", f"{DATA}:1: is UTF-16; save it as UTF-8", {DATA: clause("a").encode("utf-16")}),
    Case("a merge that has not been ended", f"{DATA}:4: has a mark of a conflict in git, '<<<<<<<'; keep one "
         "text, and delete the lines with <<<<<<<, ======= and >>>>>>>",
         {DATA: clause("<<<<<<< HEAD\nA.\n=======\nB.\n>>>>>>> other")}),
    Case("a merge that has not been ended, in YAML", f"{HEAD}:1: has a mark of a conflict in git, '<<<<<<<'; "
         "keep one text, and delete the lines with <<<<<<<, ======= and >>>>>>>",
         {HEAD: f"<<<<<<< HEAD\n{COMPANY}=======\n{COMPANY}>>>>>>> other\n"}),
    Case("a NUL byte", f"{DATA}:4: has the invisible or private character U+0000; delete it",
         {DATA: clause("a\0b")}),
    Case("an empty YAML file", f"{HEAD}:1: is empty; fill it in; a registry without entries is "
         "written `{}`", {HEAD: ""}),
    Case("a YAML file that is a list", f"{HEAD}:1: is not a mapping; write lines of `name: value`",
         {HEAD: "- a\n"}),
    Case("an empty clause", f"{DATA}:1: is empty; write the clause, or delete the file",
         {DATA: ""}),
    Case("a misspelt fact", f"{DATA}:4: unknown fact 'brand.contct'; did you mean 'brand.contact'?",
         {DATA: clause("{{ brand.contct }}")}),
    Case("a fact without a value", f"{HEAD}:1: 'master_locale' is missing; add it",
         _company("master_locale: en\n", "")),
    Case("a clause that quotes what nobody gave", f"{DATA}:4: a fact without a value is quoted here: {HEAD} "
         "has no `visits`; fill it in there, or test the fact with {% if … != none %}",
         {DATA: clause("{{ company.visits }}")}),
    Case("a mail link to a web form", f"{DATA}:4: has a link to 'mailto:https://a.example/ask', which is a web "
         "form and no mailbox; write {{ brand.contact_link }} in place of mailto:…",
         {OWN: ALPHA.replace("privacy@alpha.example", "https://a.example/ask"),
          DATA: clause("[ask](mailto:{{ brand.contact }})"), "shared/clauses/en/who.md": clause("x")}),
    Case("a controller that is not there", f"{OWN}:8: there is no company 'acme' in shared/companies; write "
         "shared/companies/acme.yaml, or fix the name",
         {OWN: ALPHA.replace("processors:", "controller: acme\nprocessors:")}),
    Case("a {{ that is not closed", f"{DATA}:4: {{{{ is not closed, or does not hold a fact; end it with "
         '}}; to show braces themselves, write {{ "{{" }} or {{ "{%" }}',
         {DATA: clause("Use {{ here")}),
    Case("a {% with an unknown tag", f"{DATA}:4: encountered unknown tag 'of'; to show braces themselves, write "
         '{{ "{{" }} or {{ "{%" }}', {DATA: clause("100 {% of")}),
    Case("parts that include each other", "shared/clauses/en/_b.md:1: includes itself: shared/_a.md"
         " → shared/_b.md → shared/_a.md; break the circle",
         {"shared/clauses/en/_a.md": '{% include "shared/_b.md" %}\n',
          "shared/clauses/en/_b.md": '{% include "shared/_a.md" %}\n',
          DATA: clause('{% include "shared/_a.md" %}')}),
    Case("an include from outside the clauses", f"{DATA}:4: includes '../../etc/passwd', which is not the name of a clause; "
         'write "shared/NAME.md" or "brand/NAME.md"',
         {DATA: clause('{% include "../../etc/passwd" %}')}),
    Case("a clause that is a symbolic link", f"{DATA}: is a symbolic link; copy the file itself in", prepare=_link),
    Case("a pipe in place of a clause", f"{DATA}: is not an ordinary file; put a text file in its "
         "place", prepare=_pipe),
    Case("HTML in a clause", f"{DATA}:4: has raw HTML: <b>; write **text**; to show a '<', "
         "write \\<", {DATA: clause("a <b>b</b>")}),
    Case("a title with a colon", f"{DATA}:2: is not valid YAML: 'Cookies: what they are' has a "
         'colon; put it in quotes: title: "Cookies: what they are"',
         {DATA: clause("a", "Cookies: what they are")}),
    Case("a comment that is not closed", f"{DATA}:4: `{{#` begins a comment that is not closed; delete the "
         'id of the heading; to show `{#`, write {{ "{#" }}', {DATA: clause("a {#b}")}),
    Case("a link that runs a script", f"{DATA}:4: has a link to 'javascript:alert(1)'; write "
         "https://…, mailto:…, tel:… or #clause-id", {DATA: clause("[a](javascript:alert(1))")}),
    Case("a link to a file", f"{DATA}:4: has a link to 'file:///etc/passwd'; write https://…, "
         "mailto:…, tel:… or #clause-id", {DATA: clause("[a](file:///etc/passwd)")}),
    Case("an image", f"{DATA}:4: has an image; say it in words: a clause has text only",
         {DATA: clause("![](https://x.example/a.png)")}),
    Case("an HTML link that attaches a file", f"{DATA}:4: has raw HTML: <link rel=attachment href=/etc/passwd>; "
         "write Markdown instead; to show a '<', write \\<",
         {DATA: clause("<link rel=attachment href=/etc/passwd>")}),
    Case("a company stylesheet", "brands/alpha/theme.css: is no longer used: looks are "
         "chosen from a list; delete it, and set colours, sizes and space under `theme:` in "
         "brands/alpha/brand.yaml", {"brands/alpha/theme.css": "p { display: none }\n"}),
    Case("a company template", "shared/templates/policy.html: is no longer used: looks "
         "are chosen from a list; delete it, and set colours, sizes and space under `theme:` in "
         "brands/alpha/brand.yaml", {"shared/templates/policy.html": "<!doctype html>"}),
    Case("a logo that loads a file", "brands/alpha/logo.svg:2: loads 'file:///etc/passwd'; embed the picture as "
         "a data: URL in PNG or JPEG, or draw it",
         {"brands/alpha/logo.svg": LOGO.format('\n<image href="file:///etc/passwd"/>')}),
    Case("a logo that contains text", "brands/alpha/logo.svg:2: has <text>, which a logo may not have; convert "
         "text to paths", {"brands/alpha/logo.svg": LOGO.format("\n<text>x</text><path d=''/>")}),
    Case("a logo that draws nothing", "brands/alpha/logo.svg: draws nothing; export it again, or delete the file",
         {"brands/alpha/logo.svg": LOGO.format("")}),
    Case("a table that is too wide for a page", f"{DATA}:4: has a word that is wider than its column in "
         "the PDF of alpha: 'Head-'; divide the table: give it fewer columns",
         {DATA: clause("\n".join(("| Heading " * 60 + "|", "|---" * 60 + "|", "| x " * 60 + "|")))}),
    Case("a character without a glyph", f"{DATA}:4: has '日' (U+65E5 CJK UNIFIED IDEOGRAPH-65E5), "
         "which the bundled fonts do not have; write it with Latin, Greek or Cyrillic letters",
         {DATA: clause("日")}),
    Case("a language without labels", f"{BRAND}:5: the toolkit has no labels in 'sv'; choose among the "
         "languages de, el, en, es, fr, it, nl, pl, pt, without a territory; or bring your own labels in "
         "shared/labels/sv.yaml", {BRAND: ALPHA.replace("[en]", "[sv]")}),
    Case("own labels that leave one out", f"{LABELS}:2: 'labels' has no text for page; add them; "
         "`publisher schema` writes labels-en.yaml, with every text in English",
         _labels("  page: Page\n", "")),
    Case("own labels with an unknown key", f"{LABELS}:…: unknown key 'labels.pages'; did you mean 'page'?",
         _labels("  page: Page\n", "  page: Page\n  pages: Pages\n")),
    Case("own labels with markup", f"{LABELS}:…: 'labels.page' has '*', and labels are plain text; "
         "write it without markup", _labels("  page: Page\n", "  page: '*Page*'\n")),
    Case("own labels without a value", f"{LABELS}:…: 'labels.question' has places for values that differ from "
         "English; write exactly these: {number}",
         _labels("  question: Question {number}\n", "  question: Question\n")),
    Case("own labels in a script without a font", f"{LABELS}:…: 'labels.page' has 'ペ' (U+30DA KATAKANA "
         "LETTER PE), which the bundled fonts do not have; write it with other characters; a language in a "
         "script without a font cannot be printed", _labels("  page: Page\n", "  page: ページ\n")),
    Case("an emoji", f"{DATA}:4: has '😀' (U+1F600 GRINNING FACE), which the bundled "
         "fonts do not have; write it with Latin, Greek or Cyrillic letters", {DATA: clause("😀")}),
    Case("a character that reverses the text's direction", f"{DATA}:4: has the invisible or private "
         "character U+202E RIGHT-TO-LEFT OVERRIDE; delete it", {DATA: clause("a\u202eb")}),
    Case("an invisible character", f"{HEAD}:1: has the invisible or private character U+2028 "
         "LINE SEPARATOR; delete it", _company("Acme", "Ac\u2028me")),
    Case("an accent colour with too little contrast", "brands/alpha/brand.yaml:10: 'theme.accent' #eeeeee has a "
         "contrast of 1.2:1 with #ffffff; choose one of at least 4.5:1 (WCAG 2.2 AA)",
         {"brands/alpha/brand.yaml": ALPHA + 'theme: {accent: "#eeeeee"}\n'}),
    Case("quotations that are nested too deeply", f"{DATA}:4: is nested too deeply; write it with fewer levels",
         {DATA: clause("> " * 60 + "x")}),
    Case("a list label out of order", f"{DATA}:6: has the label (d) where (c) comes next; write (c); "
         "or end the list with a paragraph, or indent an inner list",
         {DATA: clause("(a) one\n(b) two\n(d) three")}),
    Case("a list that is indented too little", f"{DATA}:5: has a list that is indented by less than the text of "
         "the item above; begin it below the first letter of that text",
         {DATA: clause("1. one\n  (a) two\n  (b) three")}),
    Case("the number of a clause, where clauses have no numbers", f"{DATA}:4: shows the number of '#who', but clauses "
         "have no numbers; write `numbering: clauses` in shared/policy.yaml, or the text of the link "
         "between the brackets: [text](#who)", {DATA: clause("See section [](#who).")}),
    Case("a heading that skips a level", f"{DATA}:6: has a heading of level 4 below one of level 2; "
         "use ###", {DATA: clause("## A\n\n#### B\n\ntext")}),
    Case("a ragged table", f"{DATA}:6: has a table row with 3 cells under a header with 2; give every"
         " row as many cells as the header; put a backslash before a bar that a cell shows", {DATA: clause("|a|b|\n|-|-|\n|1|2|3|")}),
    Case("a revision that starts with -", "'--output=x' is not the name of a revision; name a commit, a "
         "tag or a branch (`git log --oneline` lists the commits)", code=2, at="--output=x"),
    Case("an unknown revision", "'nowhere' is not a revision of this repository; name a "
         "commit, a tag or a branch (`git log --oneline` lists the commits)", code=2, at="nowhere"),
    Case("an ambiguous revision", "'v1' is ambiguous: there is a branch and a tag of that name; "
         "name a commit, a tag or a branch (`git log --oneline` lists the commits)",
         code=2, at="v1", prepare=_ambiguous),
    Case("a former name that another brand has now", "brands/alpha/brand.yaml:10: 'was' names 'beta', a brand in "
         "brands/; delete it there", {"brands/alpha/brand.yaml": ALPHA + "was: [beta]\n"}),
    Case("a former name that is the brand's own", "brands/alpha/brand.yaml:10: 'was' names the brand "
         "itself; delete it there", {"brands/alpha/brand.yaml": ALPHA + "was: [alpha]\n"}),
    Case("a former locale tag that is still in use", "brands/alpha/brand.yaml:10: 'was_locales' names 'en', "
         "which is among `locales`; delete it in one of the two",
         {"brands/alpha/brand.yaml": ALPHA + "was_locales: {en: [en]}\n"}),
    Case("former tags of an unknown locale", "brands/alpha/brand.yaml:10: 'was_locales' has 'nl', which is not "
         "among `locales`; write the tag that the locale has now",
         {"brands/alpha/brand.yaml": ALPHA + "was_locales: {nl: [nl-BE]}\n"}),
    Case("a shallow clone", "this clone is shallow: the commits that date the policies are missing; "
         "run `git fetch --unshallow`, then try again", code=4, prepare=_shallow),
    Case("a partial clone", "git has no object …; run `git fsck`, or, if this clone is partial, `git fetch --refetch "
         "--no-filter`", code=4, prepare=_partial),
    Case("a repository that git cannot read", "git cannot read this repository: not a git repository (or any of the parent directories): .git. Repair it, or clone it again", code=4,
         prepare=_head),
    Case("a Git LFS pointer in place of a file", f"{DATA} is a Git LFS pointer, not the file itself; run `git "
         "lfs pull`, and keep policies out of LFS: git could not tell when their words changed",
         {DATA: "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"}, code=4),
)  # fmt: skip
