"""Write docs/settings.md, every key of every YAML file, from the models of these files.

Run ``python scripts/settings_page.py``. A new key is in the page by itself, with its description,
its type, an example by its type, and the reader of the keys around it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from publisher.workspace.schemas import SCHEMAS

PAGE = Path(__file__).parent.parent / "docs" / "settings.md"
HEAD = """\
# Settings

<!-- Made by scripts/settings_page.py from publisher/workspace/: do not edit. -->

Every key of every YAML file of a workspace. `publisher schema` writes the same as JSON Schemas,
with which an editor completes and explains the keys. [The workspace](workspace.md) explains how the
files belong together, and [Write clauses](writing-clauses.md) how clauses quote them.

A value is the text that was typed: `NO`, `1.10` and `12:30` need no quotes. A **text per locale**
is one text for all languages, or a mapping: `{en: Invoices, nl: Facturen}`. Where the type says
**or unconfirmed**, the value may be an open question to legal; the policy is then a draft:

```yaml
address:
  - unconfirmed: Is this the registered office?
    value: 1 Main Street        # optional: what is proposed until then
```

An unknown key is an error, with its line.
"""
ORDER = (
    "company", "controller", "policy", "processors", "retention", "rights", "purposes", "accepted",
    "labels",
)  # fmt: skip
_LOCALISED = "text per locale"
_TEXTS = "mapping of locales to text"
_NAMED = {  # by what the schema says of a text
    "hostname": ("domain", "shop.example"),
    "date": ("day", "2027-05-01"),
    "^#": ("colour", '"#1f4e79"'),
    "@": ("e-mail address", "privacy@shop.example"),
    r"\.)+[a-z]": ("domain", "shop.example"),
    "[A-Z][a-z]": ("language tag", "nl-BE"),
    "^[A-Z]{2}$": ("country", "BE"),
    "[0-9a-f]{8}": ("eight digits", "7e2bdd6d"),
    "[a-z0-9]+(-": ("id", "who-we-are"),
}
EXAMPLES = {
    "accepted.about": "the age in the clause about children",
    "accepted.because": "16 is meant; it holds in every country",
    "accepted.by": "counsel",
    "accepted.remark": "child-age",
    "brand.audience": "[businesses, consumers]",
    "brand.baseline.source": "the footer of the old page",
    "brand.clauses.place[].after": "rights",
    "brand.clauses.place[].clause": "children",
    "brand.facts": "{answer-days: 30}",
    "brand.locales": "[en, nl-BE]",
    "brand.mentions": "[alpha]",
    "brand.name": "Shop",
    "brand.paper": "letter",
    "brand.processors": "[mailer, bank]",
    "brand.purposes": "[orders, newsletter]",
    "brand.retention": "[invoices]",
    "brand.sisters": "[alpha]",
    "brand.site.base_url": "https://shop.example/privacy/",
    "brand.site.url": "{en: https://shop.example/privacy/}",
    "brand.theme.header_link.url": "https://shop.example/",
    "brand.theme.footer[].url": "https://shop.example/contact/",
    "brand.theme.logo": "logo.svg",
    "brand.theme.logo_dark": "logo-dark.svg",
    "brand.timezone": "Europe/Brussels",
    "brand.was": "[old-shop]",
    "brand.was_locales": "{nl-BE: [nl]}",
    "clause.asserts": "[no-cookies]",
    "clause.title": "Who we are",
    "clause.unconfirmed": "[Is this still the registered office?]",
    "clause.when.processor": "mailer",
    "company.address": '[1 Main Street, "1000 Brussels, Belgium"]',
    "company.facts": "{register: RPR Brussels}",
    "company.master_locale": "en",
    "company.name": "Acme BV",
    "company.profiles": "[gdpr, eprivacy, be]",
    "company.vat": "BE 0123.456.749",
    "labels.labels": "{last_updated: Ultima actualizare}",
    "labels.exports": "{title: Index de versiuni}",
    "labels.letters": "{title: Scrisoare de atestare}",
    "labels.site": "{read: Citiți politica}",
    "labels.terms": "{processor: persoană împuternicită}",
    "mail.per_day": "2000",
    "mail.port": "587",
    "mail.server": "smtp.example.com",
    "mail.timeout": "60",
    "mail.user": "policies",
    "policy.order": "[who-we-are, rights, contact]",
    "policy.title": "{en: Privacy policy, nl: Privacyverklaring}",
    "processors.contract": "signed on 2025-03-14, in the legal archive",
    "processors.notice": "mailer.example/privacy",
    "processors.purpose": "sending newsletters",
    "purposes.basis": "{contract: {en: delivering the order, nl: de bestelling bezorgen}}",
    "purposes.kept": "[invoices]",
    "purposes.recipients": "[mailer]",
    "retention.ground": "VAT Code, Art. 60",
    "retention.law": "be-vat-records",
    "retention.period": "10 years",
    "rights.article": "Art. 15",
}
READERS = {
    "accepted": "`check`",
    "brand": "clauses, as `brand.KEY`",
    "brand.audience": "clauses' `when`; `notices`",
    "brand.baseline": "`history`, “last updated”",
    "brand.clauses": "the order of clauses",
    "brand.facts": "clauses, as `facts.KEY`",
    "brand.languages": "`check`",
    "brand.locales": "`build`, `release`",
    "brand.mentions": "`check`",
    "brand.notice_days": "`status`, `release`",
    "brand.paper": "PDF and Word files",
    "brand.processors": "clauses, as `processors`",
    "brand.proposed": "`build`",
    "brand.purposes": "clauses, as `purposes`; `check`",
    "brand.retention": "clauses, as `retention`",
    "brand.sisters": "clauses, as `brand.sisters`; `check`",
    "brand.site": "`site`, `drift`",
    "brand.theme": "HTML and PDF files, `site`",
    "brand.timezone": "every date of the brand",
    "brand.title": "the title of the policy",
    "brand.was": "the archive, `history`",
    "brand.was_locales": "the archive, `history`",
    "clause": "the policy",
    "clause.asserts": "`check`",
    "clause.covers": "`check`",
    "clause.unconfirmed": "`check`, `release`",
    "company": "clauses, as `company.KEY`",
    "company.authority": "clauses, as `authority.KEY`; `check`",
    "company.country": "`check`, the paper of PDF files",
    "company.facts": "clauses, as `facts.KEY`",
    "company.main_branch": "`release`",
    "company.master_locale": "`release`, `history`, `check`",
    "company.profiles": "`check`",
    "labels.exports": "`export`",
    "labels.labels": "policies, redlines",
    "labels.letters": "`get --bundle`",
    "labels.site": "`site`",
    "labels.terms": "clauses, where they quote one",
    "mail": "`notices`",
    "policy": "every policy",
    "processors": "clauses, as `processor.ID.KEY`; `check`",
    "purposes": "clauses, in the list `purposes`; `check`",
    "retention": "clauses, as `kept.ID.KEY`; `check`",
    "rights": "clauses, as `right.ID.KEY`; `check`",
}
for _like in (EXAMPLES, READERS):  # a controller that brands name is described as the company is
    for _key in [key for key in _like if key.partition(".")[0] == "company"]:
        _like[_key.replace("company", "controller", 1)] = _like[_key]
"""The readers of keys, by their paths; a key without one has that of the keys around it."""


def page() -> str:
    """Return the page."""
    names = [*ORDER, *(name for name in SCHEMAS if name not in ORDER)]
    return "\n".join([HEAD, *map(_file, names)])


def _file(name: str) -> str:
    schema = SCHEMAS[name].model_json_schema()
    first, _, rest = schema["description"].partition("\n")[0].partition(": ")
    path, about = (first, rest) if rest else ("Front matter of a clause", first)
    entries, each = schema, ""
    if "additionalProperties" in schema and isinstance(schema["additionalProperties"], dict):
        entries, each = schema["additionalProperties"], "Each entry, under its id, has:"
    elif "patternProperties" in schema:
        (entries,) = schema["patternProperties"].values()
        each = "Each entry, under its id, has:"
    elif "items" in schema:
        entries, each = schema["items"], "A list; each item has:"
    title = f"`{path}`" if "/" in path else path
    head = ["| key | type | default | what it is | example | read by |", "| --- " * 6 + "|"]
    rows = ["| " + " | ".join(row) + " |" for row in _rows(schema, entries, name, "")]
    about = f"{about[:1].upper()}{about[1:]}"
    return "\n".join([f"## {title}\n", f"{about} {each}".rstrip() + "\n", *head, *rows]) + "\n"


def _rows(schema: Any, model: Any, name: str, prefix: str) -> Iterator[tuple[str, ...]]:
    """Yield the cells of each key of a model, and of those below it."""
    model = _resolved(schema, model)
    for key, there in model["properties"].items():
        path = f"{prefix}{key}"
        kinds, inner = _kind(schema, there)
        items = None if inner is not None else _item(schema, there)
        required = key in model.get("required", ())
        default = "required" if required else _default(there)
        about = there.get("description") or _resolved(schema, there)["description"]
        about = about.partition("\n")[0]
        example = EXAMPLES.get(f"{name}.{path}") or _example(schema, there)
        reader = _reader(f"{name}.{path}")
        shown = f"`{example}`" if inner is None and items is None else "see below"
        cells = (f"`{path}`", kinds, default, about, shown, reader)
        yield tuple(cell.replace("|", "\\|") for cell in cells)
        if inner is not None:
            yield from _rows(schema, inner, name, f"{path}.")
        if items is not None:
            yield from _rows(schema, items, name, f"{path}[].")


def _item(schema: Any, there: Any) -> Any:
    """Return the model of a list's items, if these have keys of their own."""
    lists = [part for part in _parts(schema, there) if part.get("type") == "array"]
    return next((i for i in (_kind(schema, part["items"])[1] for part in lists) if i), None)


def _reader(path: str) -> str:
    if path.endswith(".review_by"):
        return "`check`"
    while path not in READERS and "." in path:
        path = path.rpartition(".")[0]
    return READERS.get(path, "")


def _resolved(schema: Any, there: Any) -> Any:
    """Return what a part of a schema is, without its reference and without null."""
    if "$ref" in there:
        return schema["$defs"][there["$ref"].rpartition("/")[2]]
    parts = [part for part in there.get("anyOf", ()) if part.get("type") != "null"]
    return _resolved(schema, parts[0]) if len(parts) == 1 else there


def _default(there: Any) -> str:
    default = there.get("default")
    if isinstance(default, float):
        return f"`{default:g}`"
    return "" if default in (None, [], {}) or isinstance(default, dict) else f"`{default}`"


def _parts(schema: Any, there: Any) -> list[Any]:
    """Return the alternatives of a part of a schema."""
    if "$ref" in there:
        there = _resolved(schema, there)
    if "anyOf" in there:
        return [part for one in there["anyOf"] for part in _parts(schema, one)]
    return [] if there.get("type") == "null" else [there]


def _kind(schema: Any, there: Any) -> tuple[str, Any]:
    """Return the type of a value in words, and its model, if it has keys of its own."""
    parts = _parts(schema, there)
    models = [part for part in parts if "properties" in part]
    doubted = [part for part in models if "unconfirmed" in part["properties"]]
    others = [part for part in parts if part not in doubted]
    inner = next((part for part in models if part not in doubted), None)
    names = list(dict.fromkeys(_name(schema, part) for part in others))
    if {"text", _TEXTS} <= {*names}:
        names = [_LOCALISED, *(name for name in names if name not in ("text", _TEXTS))]
    if {*names} == {"text", "number"}:
        names = ["number"]
    return ", ".join([" or ".join(names), *(["or unconfirmed"] if doubted else [])]), inner


def _name(schema: Any, part: Any) -> str:
    if "properties" in part:
        return "mapping"
    if "enum" in part or "const" in part:
        *rest, last = (f"`{value}`" for value in part.get("enum", [part.get("const")]))
        return f"{', '.join(rest)} or {last}" if rest else last
    match part.get("type"):
        case "array":
            return f"list of {_kind(schema, part['items'])[0]}"
        case "object":
            return _mapped(schema, part)
        case "number" | "integer" | ["string", "integer"]:
            least, most = part.get("minimum"), part.get("maximum")
            return "number" if least is None else f"number from {least:g} to {most:g}"
        case _:
            return _of_text(part)[0]


def _mapped(schema: Any, part: Any) -> str:
    """Return the type of a mapping with free keys."""
    inside = part.get("patternProperties") or {"": part.get("additionalProperties")}
    ((pattern, value),) = inside.items()
    value = value if isinstance(value, dict) else {}
    keys = str(part.get("propertyNames", ""))
    marks = {"enum": "choices", "BCP": "locales", "[a-z0-9]+(-": "ids"}
    named = next((name for mark, name in marks.items() if mark in keys + pattern), "names")
    return f"mapping of {named} to {_kind(schema, value)[0] or 'text'}"


def _of_text(part: Any) -> tuple[str, str]:
    known = part.get("format") or part.get("pattern", "")
    named = (pair for mark, pair in _NAMED.items() if known and mark in known)
    return next(named, ("text", "a text"))


def _example(schema: Any, there: Any) -> str:
    """Return an example by the type of a value: its default, or one of the first alternative."""
    default = there.get("default")
    if default not in (None, [], {}) and not isinstance(default, dict):
        shown = _default(there).strip("`")
        return f'"{shown}"' if shown.startswith("#") else shown
    if _LOCALISED in _kind(schema, there)[0] or _TEXTS in _kind(schema, there)[0]:
        return "{en: a text, nl: een tekst}"
    part = next(iter(_parts(schema, there)), {})
    if "enum" in part or "const" in part:
        return str(part.get("enum", [part.get("const")])[-1])
    if part.get("type") == "array":
        return f"[{_example(schema, part['items'])}]"
    if part.get("type") == "object":
        return f"{{one: {_example(schema, {})}}}"
    return "30" if _kind(schema, there)[0] == "number" else _of_text(part)[1]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
