"""Every fault that `verify` can find is found, and is all that is found; every text has its fault.

A forger leaves nothing but the one fault: hashes, head and git's history fit. What is expected of a
case is all that `verify` says: findings behind a ``!``, then notes. Paths of findings begin in the
brand's folder, or its ledger; commits, keys and digests are an ellipsis.
"""

from __future__ import annotations

import ast
import inspect
import os
import pkgutil
import re
import shutil
import textwrap
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path

import pytest
from conftest import once
from support.alterations import (
    AFTERNOON,
    AHEAD,
    EARLIER,
    FIRST,
    HASHES,
    MD,
    NONE,
    OLD,
    OLDER,
    OLDEST,
    PAGE,
    RETIRED,
    SECOND,
    STAMP,
    STRAY,
    SUMS,
    UNCHAINED,
    Case,
    allowed,
    altered_sums,
    append,
    attached,
    both,
    both_released,
    both_released_one,
    both_went_on,
    capture,
    case,
    change,
    clock,
    commit,
    conflicting,
    copy,
    copy_of,
    counted,
    cut,
    deleted,
    edit,
    ended,
    endorse,
    entry_of_side,
    exchanged,
    from_nothing,
    garbage,
    imported,
    left_out,
    linked,
    linked_brand,
    linked_document,
    many,
    merge,
    moved,
    moved_and_changed,
    newer,
    newer_version,
    nothing,
    numbered,
    one_redacted,
    one_released,
    one_went_on,
    options,
    other_branch,
    other_locales,
    other_words,
    pushed,
    put,
    rebasing,
    reconstruct,
    record,
    redact,
    reformed,
    remarks,
    renamed,
    retired,
    says_that_ours_signed,
    signed,
    signed_version,
    stamp,
    tag,
    tag_of_nothing,
    tagged,
    take,
    trusts,
    unlinked,
    upper,
    without_git,
)
from support.authorities import Authority, authority
from support.forgeries import DAY, ONE, TWO, Forgery, make_keys, two_versions
from support.impossible import IMPOSSIBLE

from publisher.archive import fork, ledger, notice_record
from publisher.archive.entries import sha256
from publisher.archive.folder import alteration, damage
from publisher.archive.fork_origins import forked
from publisher.archive.trust import timestamp_check, trust_files
from publisher.archive.verify import __path__ as verify_path
from publisher.errors import NewerArchive

LINK = f"0003-redact-{ONE}.json"
IN_TWO = "has two entries 3, written in two clones on 1 February 2025: "
FORK = f"{IN_TWO}{RETIRED} and 0003-retire-2025-07-01.json"
SAME = f"{IN_TWO}each named 0003-release-{DAY}.json"
ONE_RELEASED = (
    f"! ledger: {IN_TWO}0003-release-{DAY}.json and 0003-retire-2025-07-01.json. Keep the one that was published: "
    f"run `git rm -rfq versions/alpha`, then `git checkout … -- versions/alpha` to keep 0003-release-{DAY}.json "
    "(commit …), or `git checkout … -- versions/alpha` to keep 0003-retire-2025-07-01.json (commit …), and "
    "`git commit -m 'Undo entry 3 of alpha'`; then repeat the command that made the other one"
)

CASES = (
    case("nothing", nothing),
    # --- the chain of the ledger ---
    case("a file in the ledger that is no entry", put("ledger/notes.txt", b"x"),
         "! notes.txt: has a name that no entry can have"),
    case("a second entry of a number", both(retired(), numbered(1, 2, 2)),
         "! 0002-retire-2025-06-01.json: is a second entry 2"),
    case("a gap of one entry", both(retired(), numbered(1, 2, 4)),
         "! 0004-retire-2025-06-01.json: follows a gap: entry 3 is missing"),
    case("a gap of two entries", both(retired(), numbered(1, 2, 5)),
         "! 0005-retire-2025-06-01.json: follows a gap: entries 3 to 4 are missing"),
    case("an altered entry", edit(f"ledger/{FIRST}", lambda data: data.replace(b"Ops", b"Sop")),
         f"! {SECOND}: {UNCHAINED}"),
    case("an empty entry", garbage(b""),
         f"! {RETIRED}: is not a ledger entry: it is empty"),
    case("an entry that is not JSON", garbage(b"{"),
         f"! {RETIRED}: is not a ledger entry: Invalid JSON: EOF while parsing an object at line 1 column 1"),
    case("an entry with a field of another form", reformed(lambda data: data.replace(b'"2025-06-01"', b'"June"')),
         f"! {RETIRED}: is not a ledger entry: retire.on: Input should be a valid date or datetime, input is too short"),
    case("an entry with a number that nobody can read", garbage(b'{"format": 1%b}' % (b"0" * 5000)),
         f"! {RETIRED}: is not a ledger entry: Invalid JSON: number out of range at line 1 column 4313"),
    case("an entry in another form", reformed(lambda data: data.replace(b'"kind": ', b'"kind":  ')),
         f"! {RETIRED}: is not in the one form that an entry has"),
    case("an entry with other line ends", reformed(lambda data: data.replace(b"\n", b"\r\n")),
         f"! {RETIRED}: is not in the one form that an entry has: its line ends were converted to CRLF (git's core.autocrlf, or an editor)"),
    case("an entry of another day", renamed,
         f"! 0003-retire-2025-07-01.json: says that it is {RETIRED}"),
    case("an entry of another brand", retired(brand="beta"),
         f"! {RETIRED}: says that it is of the brand beta"),
    case("an entry from before the one before it", retired(date(2025, 1, 15)),
         f"! {RETIRED}: was recorded before the previous entry"),
    case("a head that names a missing entry", nothing,
         f"! ledger.head: is not as it was written: it names an entry that is missing. If the ledger itself is right, run `(cd versions/alpha && sha256sum ledger/{SECOND} > ledger.head)`",
         then=edit("ledger.head", lambda data: data.replace(b"0002", b"0003"))),
    case("an empty head", nothing,
         f"! ledger.head: is not as it was written: it is empty. If the ledger itself is right, run `(cd versions/alpha && sha256sum ledger/{SECOND} > ledger.head)`",
         then=put("ledger.head", b"")),
    case("a head that lags behind", lambda forgery: forgery.point(FIRST),
         "versions/alpha/ledger.head names entry 1, and the newest is 2; the next entry corrects it"),
    case("an entry of an unknown kind", newer(kind="notify"),
         "versions/alpha/ledger/0003-notify-2025-06-01.json was written by a newer version of publisher (unknown kind 'notify'). Update it"),
    case("an entry of an unknown format", newer(format=2),
         f"versions/alpha/ledger/{RETIRED} was written by a newer version of publisher (unknown format 2). Update it"),
    case("an entry with an unknown field", newer(mood="glad"),
         f"versions/alpha/ledger/{RETIRED} was written by a newer version of publisher (unknown field 'mood'). Update it"),
    case("an entry with unknown fields, one inside another", newer(mood="glad", tone="flat"),
         f"versions/alpha/ledger/{RETIRED} was written by a newer version of publisher (unknown field 'mood', 'tone'). Update it"),
    case("an entry of an unknown kind under another name", newer("0003-other-2025-06-01.json", kind="notify"),
         "! 0003-other-2025-06-01.json: says that it is entry 3, notify",
         "versions/alpha/ledger/0003-other-2025-06-01.json was written by a newer version of publisher (unknown kind 'notify'). Update it"),
    case("an entry of an unknown kind, of another brand", newer(kind="notify", brand="beta"),
         "! 0003-notify-2025-06-01.json: says that it is of the brand beta",
         "versions/alpha/ledger/0003-notify-2025-06-01.json was written by a newer version of publisher (unknown kind 'notify'). Update it"),
    case("an altered version of an unknown kind, without its signature", newer_version,
         "! 2025-02-01/en/policy.md: is altered: its SHA-256 is not in SHA256SUMS",
         "! 0003-freeze-2025-02-01.json.sig: is missing: the entry says that it is signed",
         "versions/alpha/ledger/0003-freeze-2025-02-01.json was written by a newer version of publisher (unknown kind 'freeze'). Update it"),
    case("an entry of an unknown kind, beside a file that belongs to none", both(newer(kind="notify"), put("notes.txt", b"x")),
         f"! notes.txt: {STRAY}",
         "versions/alpha/ledger/0003-notify-2025-06-01.json was written by a newer version of publisher (unknown kind 'notify'). Update it"),
    case("a version of an unknown kind, known by the name of its entry", both(newer("0003-freeze-2025-02-01.json", kind="freeze"), put("2025-02-01/en/policy.md", b"x")),
         "versions/alpha/ledger/0003-freeze-2025-02-01.json was written by a newer version of publisher (unknown kind 'freeze'). Update it"),
    # --- the files of a brand ---
    case("a linked brand", put("../gamma/ledger.head", b"x"),
         "! versions/gamma: is a link, or not a folder",
         then=linked_brand),
    case("a file beside the brands", put("../notes.txt", b"x"),
         "! versions/notes.txt: belongs to no brand"),
    case("a link", nothing,
         "! 2025-01-15: is a symbolic link",
         then=linked("2025-01-15")),
    case("a pipe", nothing,
         "! pipe: is not an ordinary file, or cannot be read",
         then=lambda forgery: os.mkfifo(forgery.folder / "pipe")),
    case("folders in folders", nothing,
         "! in/in/in/in/in/in/in/in: is nested too deeply, and does not belong in the archive",
         then=put(f"{'in/' * 8}file", b"x")),
    case("an empty folder", nothing,
         "! 2025-01-10/nl: is an empty folder, and does not belong in the archive",
         then=lambda forgery: (forgery.folder / ONE / "nl").mkdir()),
    case("an empty folder beside the versions", nothing,
         "! 2025-01-15: is an empty folder, and does not belong in the archive",
         then=lambda forgery: (forgery.folder / "2025-01-15").mkdir()),
    case("a version without an entry", put("2025-01-15/en/policy.md", b"x"),
         f"! 2025-01-15/en/policy.md: {STRAY}"),
    case("a signature without an entry", put("ledger/0003-retire-2025-06-01.json.sig", b"x"),
         f"! {RETIRED}.sig: {STRAY}"),
    case("what a killed command has left", nothing,
         "versions/alpha/.staging-1 was left by a command that was interrupted, or is of one that is running; the next release deletes it",
         then=put(".staging-1/intent", b"")),
    case("a brand that is gone", put("../gamma/ledger/0001-retire-2025-06-01.json", b"x"),
         "! versions/gamma/ledger/0001-retire-2025-06-01.json: is in the newest commit, but missing here",
         then=lambda forgery: shutil.rmtree(forgery.folder.parent / "gamma")),
    # --- the files of a version ---
    case("a version without sums", deleted(SUMS),
         f"! {SUMS}: is missing"),
    case("altered sums", altered_sums,
         f"! {SUMS}: is altered: its SHA-256 is not in {FIRST}"),
    case("sums in upper case", upper,
         f"! {SUMS}: is not in the one form that sha256sum writes"),
    case("sums of other locales", other_locales,
         f"! {SUMS}: has locales that differ from {FIRST}"),
    case("a missing document", deleted(MD),
         f"! {MD}: is missing"),
    case("an altered document", edit(MD, lambda data: data + b"x"),
         f"! {MD}: is altered: its SHA-256 is not in SHA256SUMS"),
    case("an empty document", put(MD, b""),
         f"! {MD}: is altered: it is empty"),
    case("a document in the place of another", lambda forgery: shutil.copy(forgery.folder / ONE / "en/policy.html", forgery.folder / MD),
         f"! {MD}: is altered: it is en/policy.html"),
    case("a pointer of Git LFS", put(MD, b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n"),
         f"! {MD}: is altered: it is a Git LFS pointer"),
    case("a document with other line ends", edit(MD, lambda data: data.replace(b"\n", b"\r\n")),
         f"! {MD}: is altered: its line ends were converted to CRLF (git's core.autocrlf, or an editor)"),
    case("marks of a conflict", put(MD, b"<<<<<<< ours\nx\n=======\n>>>>>>> theirs\n"),
         f"! {MD}: is altered: git has left the marks of a conflict in it"),
    case("a redacted document", redact(),
         f"versions/alpha/{MD} was redacted by entry 3, by authority of a court: because"),
    case("a redacted policy", redact(version=TWO, name="policy.json"),
         f"versions/alpha/{TWO}/en/policy.json was redacted by entry 3, by authority of a court: because"),
    case("a redacted document that came back", redact(gone=False),
         f"! {MD}: is still here, or has come back, though 0003-redact-2025-01-10.json redacts it; delete it"),
    case("a redaction of other bytes", redact(digest=NONE),
         f"! {MD}: has another SHA-256 in 0003-redact-2025-01-10.json, which redacts it"),
    # --- captures ---
    case("a capture", capture),
    case("a capture that is gone", both(capture, lambda forgery: shutil.rmtree(forgery.folder / "captures")),
         "! captures/2025-01-31T090000Z-en/capture.json: is altered, or missing"),
    case("a capture with another record", lambda forgery: capture(forgery, record=NONE),
         "! captures/2025-01-31T090000Z-en/capture.json: is altered: its SHA-256 is not in 0003-capture-2025-01-31.json"),
    case("a capture with an altered page", both(capture, put(f"{PAGE}/page.html", b"<p>Other")),
         "! captures/2025-01-31T090000Z-en/page.html: is altered: its SHA-256 is not in capture.json"),
    case("a capture of an unknown version", lambda forgery: capture(forgery, version="2025-01-15"),
         "! 0003-capture-2025-01-31.json: says that a page shows 2025-01-15, which is not an earlier version"),
    case("an unreadable record of notices", record(b"approvals: ["),
         "! shared/notices/alpha-2025-01-20.yaml: cannot be read"),
    case("a record without the texts that were sent", record(digest=NONE),
         "! shared/notices/alpha-2025-01-20.yaml: does not have the texts that versions/alpha/ledger/0003-notice-2025-01-20.json says were sent"),
    case("a record whose texts are not those that were sent", record(text="Other words"),
         "! shared/notices/alpha-2025-01-20.yaml: has texts that differ from those that were sent"),
    # --- signatures, endorsements ---
    case("a missing signature", both(signed(), deleted(f"ledger/{RETIRED}.sig")),
         f"! {RETIRED}.sig: is missing: the entry says that it is signed"),
    case("a signature in another armour", both(signed(), edit(f"ledger/{RETIRED}.sig", lambda data: data.replace(b"\n", b"\r\n"))),
         f"! {RETIRED}.sig: is not armoured as ssh-keygen does it"),
    case("a signature of another entry", both(signed(), signed(on=date(2025, 7, 1)), lambda forgery: shutil.copy(forgery.ledger / "0004-retire-2025-07-01.json.sig", forgery.ledger / f"{RETIRED}.sig")),
         f"! {RETIRED}.sig: is not a signature of {RETIRED} for policy-release"),
    case("a signature by another key", says_that_ours_signed,
         f"! {RETIRED}.sig: is by the key SHA256:…; the entry names SHA256:…"),
    case("a signature by a key that may not sign", both(signed(), allowed("theirs")),
         f"! {RETIRED}.sig: is by the key SHA256:…, which was not allowed to sign then; if it is yours, say so with `publisher endorse alpha 3 --reason TEXT --sign KEY`"),
    case("an entry that is not signed behind one that is", both(signed(), retired(on=date(2025, 7, 1))),
         "! 0004-retire-2025-07-01.json: is not signed, and an entry before it is; if it is yours, say so with `publisher endorse alpha 4 --reason TEXT --sign KEY`"),
    case("an entry that says why it is not signed", both(signed(), retired(on=date(2025, 7, 1), unsigned="The key is in the safe")),
         "versions/alpha/ledger/0004-retire-2025-07-01.json is not signed: The key is in the safe"),
    case("an entry that is not signed, and endorsed", both(signed(), retired(on=date(2025, 7, 1)), endorse(4, key="ours")),
         "versions/alpha/ledger/0004-retire-2025-07-01.json is not signed; entry 5, signed by the key SHA256:…, endorses it: because"),
    case("an entry by a key that may not sign, and endorsed", both(signed("theirs"), endorse(3, key="ours"), allowed("ours")),
         f"versions/alpha/ledger/{RETIRED}.sig is by the key SHA256:…, which was not allowed to sign then; entry 4, signed by ours@acme.example, endorses the entry: because"),
    case("an endorsement by a key that may not sign", both(signed("theirs"), endorse(3, key="theirs"), allowed("ours")),
         f"! {RETIRED}.sig: is by the key SHA256:…, which was not allowed to sign then; if it is yours, say so with `publisher endorse alpha 3 --reason TEXT --sign KEY`",
         "! 0004-endorse-2025-02-03.json.sig: is by the key SHA256:…, which was not allowed to sign then; if it is yours, say so with `publisher endorse alpha 4 --reason TEXT --sign KEY`"),
    case("an endorsement of other bytes", endorse(1, NONE),
         "! 0003-endorse-2025-02-03.json: endorses an entry 1 whose SHA-256 is different here"),
    case("nobody signed, as an auditor sees", both(allowed("ours")),
         "! ledger: no entry is signed, though /allowed says whose keys may: nothing shows who wrote it"),
    case("nobody signed, though the workspace has keys", trusts("ours"),
         "alpha: no entry is signed, though shared/allowed_signers says whose keys may"),
    case("keys that are not committed", nothing,
         "alpha: no entry is signed, though shared/allowed_signers says whose keys may",
         "shared/allowed_signers differs from the newest commit; the file here counts",
         then=trusts("ours")),
    # --- tags ---
    case("a tag without the hash of the entry", nothing,
         f"! tag alpha/2025-01-20: does not hold the SHA-256 of versions/alpha/ledger/{SECOND}, …",
         then=tag(message="moved")),
    case("a tag on a commit without the entry", nothing,
         f"! tag alpha/2025-01-20: names a commit that does not have versions/alpha/ledger/{SECOND}",
         then=tag_of_nothing),
    case("a tag that is not signed", signed_version,
         "! tag alpha/2025-01-20: is not signed; its version is",
         then=tag()),
    case("a tag by a key that may not sign", both(signed_version, allowed("ours")),
         "! tag alpha/2025-01-20: is not signed by a key that may sign for `git`",
         then=tag(key="theirs")),
    # --- time-stamps ---
    case("a time-stamp", stamp()),
    case("a missing reply", both(stamp(), deleted(f"ledger/{STAMP}.tsr")),
         f"! {STAMP}.tsr: is missing: the entry holds its SHA-256"),
    case("an altered reply", both(stamp(), put(f"ledger/{STAMP}.tsr", b"x")),
         f"! {STAMP}.tsr: is altered: its SHA-256 is not in {STAMP}"),
    case("a reply that is none", stamp(lambda _: b"<html>"),
         f"! {STAMP}.tsr: is not a reply of a time-stamping authority in DER (application/timestamp-reply): it begins with '<html>'"),
    case("a time-stamp with the hash of another entry", stamp(digest=NONE),
         f"! {STAMP}: proves an entry 2 whose SHA-256 is different here"),
    case("a time-stamp about another entry", stamp(about=FIRST),
         f"! {STAMP}: proves an entry 2 that its reply is not about"),
    case("a time-stamp with another time", stamp(time=datetime(2025, 2, 1, 11, 59, tzinfo=UTC)),
         f"! {STAMP}: says 2025-02-01T11:59:00+00:00; its reply says 2025-02-01T12:00:…+00:00"),
    case("a time-stamp by another authority", stamp(authority="CN=Other"),
         f"! {STAMP}: names the authority CN=Other; its reply names CN=Acme Time Stamping, O=Acme NV\\, Ghent, C=BE"),
    case("a reply with an altered signature", stamp(lambda data: data[:-1] + bytes([data[-1] ^ 1])),
         f"! {STAMP}.tsr: is not confirmed by its certificate: verification failure"),
    case("a reply without its certificate", stamp(bytes, SECOND, "-sha256"),
         f"! {STAMP}.tsr: does not include the certificate of the key that signed it: a query must ask for it, with certReq"),
    case("a reply of an authority that nobody trusts", both(stamp(), lambda forgery: {"authorities": forgery.tsa.folder / "other.pem"}),
         f"! {STAMP}.tsr: is not confirmed by the trusted authorities: unable to get local issuer certificate"),
    # --- what a document says ---
    case("a word of Markdown", lambda forgery: forgery.replace("md", b"Second", b"First"),
         f"! {TWO}/en/policy.md: says “First”; policy.json says “Second”"),
    case("a sentence more", lambda forgery: forgery.replace("html", b"Second", b"We sell it. Second"),
         f"! {TWO}/en/policy.html: says “We sell it.”; policy.json does not"),
    case("a sentence less", lambda forgery: forgery.replace("md", b"Second ", b""),
         f"! {TWO}/en/policy.md: does not say “Second”; policy.json does"),
    case("many words more", lambda forgery: forgery.replace("html", b"Second", b"We sell all that we know of you to all who ask us for it. Second"),
         f"! {TWO}/en/policy.html: says “We sell all that we know of you to all who ask … (15 words)”; policy.json does not"),
    case("a link less", lambda forgery: forgery.replace("md", b"[letter](https://alpha.example/letter)", b"letter"),
         f"! {TWO}/en/policy.md: has no link to https://alpha.example/letter; policy.json has one"),
    case("a link more", lambda forgery: forgery.replace("md", b"Second", b"[Second](https://other.example/)"),
         f"! {TWO}/en/policy.md: has a link to https://other.example; policy.json has none"),
    case("a title", lambda forgery: forgery.replace("md", b"# Privacy Policy", b"# Cookies"),
         f"! {TWO}/en/policy.md: is titled “Cookies”; policy.json is titled “Privacy Policy”"),
    case("what is attached to a PDF", attached,
         f"! {TWO}/en/policy.pdf: has words that differ from policy.json, in the attached policy.json",
         f"! {TWO}/en/policy.pdf: says “Hidden”; policy.json says “Second”, in the attached policy.md"),
    case("a PDF that is none", lambda forgery: forgery.documents(TWO, 2, pdf=b"%PDF-1.7 nothing"),
         f"! {TWO}/en/policy.pdf: cannot be compared with policy.json: it is damaged: it cannot be read as a PDF"),
    case("a policy with other words than its entry", other_words(2),
         f"! {TWO}/en/policy.json: has words that differ from {SECOND}"),
    case("a version without its policy", lambda forgery: forgery.documents(TWO, 2, json=None),
         f"! {TWO}/en/policy.json: has words that differ from {SECOND}"),
    case("a policy that is none", lambda forgery: forgery.documents(TWO, 2, json=b"{}"),
         f"! {TWO}/en/policy.json: has words that differ from {SECOND}"),
    # --- git ---
    case("a link in the newest commit", linked_document,
         f"! {MD}: is a symbolic link in the newest commit",
         then=unlinked),
    case("a file that is in the newest commit only", put("notes.txt", b"x"),
         "! notes.txt: is in the newest commit, but missing here",
         then=deleted("notes.txt")),
    case("a file that differs from the newest commit", edit(MD, lambda data: data + b"x"),
         f"! {MD}: differs from the newest commit",
         then=edit(MD, lambda data: data[:-1])),
    case("a file that a commit altered", edit(MD, lambda data: data + b"x"),
         f"! {MD}: was altered by commit …",
         then=both(edit(MD, lambda data: data[:-1]), commit)),
    case("a file that a commit deleted", put("notes.txt", b"x"),
         "! notes.txt: was deleted by commit …",
         then=both(deleted("notes.txt"), commit)),
    case("a file deleted for an entry that was a link", lambda forgery: (forgery.ledger / LINK).symlink_to(SECOND),
         f"! {LINK}: was deleted by commit …", f"! {ONE}/en/notes.txt: was deleted by commit …",
         then=both(put(f"{ONE}/en/notes.txt", b"x"), commit, deleted(f"{ONE}/en/notes.txt"), commit, deleted(f"ledger/{LINK}"), commit)),
    case("an entry that is not committed", nothing,
         f"versions/alpha/ledger/{RETIRED} is not committed yet; run `git add --force versions/alpha ':!*/.staging-*' && git commit -m 'Record versions/alpha' -- versions/alpha`",
         then=retired()),
    case("a workspace without git", nothing,
         f"the workspace is not in git: {HASHES}",
         then=lambda forgery: shutil.rmtree(forgery.repo.root / ".git")),
    case("a branch without a commit", nothing,
         f"the branch that is checked out has no commit: {HASHES}",
         then=lambda forgery: forgery.repo.git("symbolic-ref", "HEAD", "refs/heads/other")),
    case("a work tree that begins above the workspace", nothing,
         f"versions/alpha/ledger/{FIRST} and 12 more are not committed yet; run `git add --force versions/alpha ':!*/.staging-*' && git commit -m 'Record versions/alpha' -- versions/alpha`",
         f"the newest commit has no versions/alpha in this workspace: {HASHES}",
         then=lambda forgery: forgery.repo.git("config", "core.worktree", "../..")),
    case("a lost source commit", change(1, source="1" * 40),
         f"versions/alpha/ledger/{FIRST}: its source commit … is not in this repository"),
    case("lost source commits", both(change(1, source="1" * 40), change(2, source="1" * 40)),
         f"versions/alpha/ledger/{FIRST}: its source commit … is not in this repository, nor are those of 1 later version"),
    case("three lost source commits", both(change(1, source="1" * 40), change(2, source="1" * 40), append("release", source="1" * 40)),
         f"versions/alpha/ledger/{FIRST}: its source commit … is not in this repository, nor are those of 2 later versions"),
    # --- other references, and other places ---
    case("another branch that has another ledger", nothing,
         f"! {SECOND}: is not as in side: one of the two was rewritten, or two clones went on with the ledger; see `publisher verify --against side`",
         then=other_branch),
    case("an archive that moved and changed", nothing,
         f"! ledger: does not begin as versions/alpha/ledger/{FIRST} did, which commit … deleted: an archive that moves keeps its entries",
         then=moved_and_changed),
    case("an archive that moved", nothing, then=moved),
    # --- other copies ---
    case("a copy", copy,
         "alpha: as in /copy up to entry 2"),
    case("a copy that has less", nothing,
         "alpha: as in /copy up to entry 2, and 1 more since",
         then=both(copy, retired(), commit)),
    case("a copy that has more", both(retired(), copy, cut),
         f"! {RETIRED}: is missing here: from entry 3 on, /copy differs"),
    case("a copy that differs", both(copy, change(2, summary="New")),
         f"! {SECOND}: is different here: from entry 2 on, /copy differs"),
    case("a copy without the brand", copy_of(shutil.rmtree, "alpha"),
         "/copy has no entry of alpha: nothing was compared"),
    case("a copy with another brand", copy_of(lambda folder: folder.mkdir(), "gamma"),
         "! versions/gamma/ledger: is missing; /copy has it",
         "alpha: as in /copy up to entry 2"),
    case("the hash of a missing entry", options(against="1" * 64),
         "! versions: has no entry with the SHA-256 …: an entry was altered or cut off"),
    case("the hash of an entry", lambda forgery: {"against": sha256((forgery.ledger / FIRST).read_bytes())},
         "… is entry 1 of alpha"),
    # --- composed again ---
    case("versions that are composed again", options(rebuild=True),
         "alpha: 2 composed again with the same words"),
    case("a version with other words when composed again", lambda forgery: (forgery.change(2, source=forgery.first), {"rebuild": True})[1],
         "! 2025-01-20/en: has other words when it is made again from …",
         "alpha: 1 composed again with the same words"),
    case("a version that cannot be composed again", lambda forgery: (forgery.change(2, source=forgery.nothing()), {"rebuild": True})[1],
         "! 2025-01-20/en: cannot be composed when it is made again from …",
         "alpha: 1 composed again with the same words"),
    case("a version made with other tools", lambda forgery: (forgery.change(1, tools={"weasyprint": "1.0", "gone": "2"}), {"rebuild": True})[1],
         "versions/alpha/2025-01-10 was made with other tools: weasyprint 1.0 (now 70.0), gone 2 (now missing)",
         "alpha: 2 composed again with the same words"),
    case("an absence of what is there", both(reconstruct, lambda forgery: forgery.append("absence", on=date(2024, 6, 1), source=forgery.first), options(rebuild=True)),
         "! 0004-absence-2024-06-01.json: says that … has nothing in en, but it has",
         "versions/alpha/2024-01-02-reconstructed was made with other tools: publisher 0 (now 0.1.0)",
         "alpha: 3 composed again with the same words"),
    # --- imports that nobody decided ---
    case("an import that may correct another", both(imported(OLDER), imported(OLD)),
         "versions/alpha/ledger/0004-import-2020-05-25-imported.json has the document of 2019-05-25-imported and does not say if it corrects it; it counts as a correction, as no other version lies between. If the text was in force twice, import the document of 2019-05-25-imported again"),
    case("an import that may repeat another", both(imported(OLDEST), imported(OLDER, document=b"Other"), imported(OLD)),
         "versions/alpha/ledger/0005-import-2020-05-25-imported.json has the document of 2018-05-25-imported and does not say if it corrects it; both count, as 2019-05-25-imported lies between. If it does, import the document again with --corrects 2018-05-25-imported"),
    # --- hours ---
    case("a version that was replaced at noon", nothing,
         ended("2025-01-10", "2025-01-20 13:00:00", "2025-01-19"),
         answers=True),
    # --- two ledgers in one ---
    case("two clones that went on", nothing,
         f"! ledger: {FORK}. Keep the one that was published: run `git rm -rfq versions/alpha`, then `git checkout … -- versions/alpha` to keep {RETIRED} (commit …), or `git checkout … -- versions/alpha` to keep 0003-retire-2025-07-01.json (commit …), and `git commit -m 'Undo entry 3 of alpha'`; then repeat the command that made the other one",
         then=both(both_went_on, merge())),
    case("two clones that went on, of which one has pushed", nothing,
         f"! ledger: {FORK}. {RETIRED} (commit …) was not pushed. To undo it, run `git rm -rfq versions/alpha`, `git checkout … -- versions/alpha` and `git commit -m 'Undo entry 3 of alpha'`; then repeat the command that made it",
         then=both(both_went_on, merge(), pushed)),
    case("two clones that went on, of which the other one has a tag", nothing,
         f"! ledger: {FORK}. {RETIRED} (commit …) was not pushed. To undo it, run `git rm -rfq versions/alpha`, `git checkout … -- versions/alpha`, `git commit -m 'Undo entry 3 of alpha'` and `git tag -d alpha/2025-01-20`; then repeat the command that made it",
         then=both(both_went_on, merge(), pushed, tagged)),
    case("two clones that went on, in a rebase", nothing,
         f"! ledger: {FORK}. {RETIRED} (commit …) was not pushed. To undo it, run `git rebase --skip`; then repeat the command that made it",
         then=both(both_went_on, merge(), pushed, rebasing)),
    case("two clones that went on, of which git knows nothing", nothing,
         f"! ledger: {FORK}. Git does not say which commit brought each: restore versions/alpha from a clone that has one of them only",
         f"the workspace is not in git: {HASHES}",
         then=both(both_went_on, merge(), without_git)),
    case("two clones that released on one day", nothing,
         f"! ledger: {SAME}. Keep the one that was published: run `git rm -rfq versions/alpha`, then `git checkout … -- versions/alpha` to keep 0003-release-{DAY}.json (commit …), or `git checkout … -- versions/alpha` to keep 0003-release-{DAY}.json (commit …), and `git commit -m 'Undo entry 3 of alpha'`; then repeat the command that made the other one",
         then=both(both_released, conflicting)),
    case("a merge that keeps one of two ledgers", nothing,
         "versions/alpha: two clones had appended to one ledger, and commit … merged that; 0003-retire-2025-07-01.json of commit … and 0004-retire-2025-08-01.json of commit … were taken back",
         then=both(both_went_on, merge("-s", "ours"))),
    case("a merge that was ended", nothing,
         f"versions/alpha: two clones had appended to one ledger, and commit … ended that; {RETIRED} of commit … was taken back",
         then=both(both_went_on, merge(), take("side"))),
    case("a merge that drops an entry", nothing,
         f"! {RETIRED}: was deleted by commit …",
         then=both(one_went_on, merge("-s", "ours"))),
    case("a merge that was ended behind another commit", nothing,
         f"versions/alpha: two clones had appended to one ledger, and commit … ended that; {RETIRED} of commit … was taken back",
         then=both(both_went_on, merge(), put("notes.txt", b"x"), commit, take("side"))),
    case("an entry that was exchanged and put back", nothing,
         f"! {RETIRED}: was altered by commit …",
         f"! {RETIRED}: was altered by commit …",
         then=exchanged),
    case("a redaction by one of two clones, which was taken back", nothing,
         "versions/alpha: two clones had appended to one ledger, and commit … merged that; 0003-redact-2025-01-10.json of commit … was taken back",
         then=both(one_redacted, merge("-s", "ours"))),
    case("two clones of which one released, and a file that belongs to none", nothing,
         f"! {DAY}/notes.txt: {STRAY}",
         ONE_RELEASED,
         then=both(one_released, merge(), put(f"{DAY}/notes.txt", b"x"), commit)),
    case("two clones that released one version, one behind another entry", nothing,
         ONE_RELEASED,
         then=both(both_released_one, merge())),
    case("an entry in another form, of one of two clones", nothing,
         "! 0004-retire-2025-08-01.json: is not in the one form that an entry has",
         f"! ledger: {IN_TWO}{RETIRED} and 0003-retire-2025-07-01.json. Git does not say which commit brought each: restore versions/alpha from a clone that has one of them only",
         then=both(both_went_on, merge(), edit("ledger/0004-retire-2025-08-01.json", lambda data: data.replace(b'"kind": ', b'"kind":  ')))),
    case("a tag of another kind of thing", nothing,
         then=lambda forgery: forgery.repo.git("tag", "alpha/proof-of-print")),
    case("a redaction in a commit of its own", nothing,
         f"versions/alpha/{MD} was redacted by entry 3, by authority of a court: because",
         then=both(redact(), commit)),
    case("a merge of parts of two ledgers", nothing,
         "! ledger: is of two clones that appended to it, and commit … merged parts of both. Keep the one that was published: run `git rm -rfq versions/alpha`, then `git checkout … -- versions/alpha` or `git checkout … -- versions/alpha`, and `git commit -m 'Undo the other ledger'`; then repeat the command that made the other one",
         then=both(both_released, merge("-s", "ours", "--no-commit"), entry_of_side)),
    case("a merge of parts of two ledgers that was ended", nothing,
         "versions/alpha: two clones had appended to one ledger, and commit … merged that; 0003-release-2025-02-01.json of commit … was taken back",
         "versions/alpha: two clones had appended to one ledger, and commit … ended that; one of the two was taken back",
         then=both(both_released, merge("-s", "ours", "--no-commit"), entry_of_side, take("side"))),
    case("files that are not committed", nothing,
         f"versions/alpha/ledger/{RETIRED} and 1 more are not committed yet; run `git add --force versions/alpha ':!*/.staging-*' && git commit -m 'Record versions/alpha' -- versions/alpha`",
         then=both(retired(), retired(on=date(2025, 7, 1)))),
    case("authorities that are not committed", nothing,
         "shared/timestamp_authorities.pem differs from the newest commit; the file here counts",
         then=lambda forgery: shutil.copy(forgery.tsa.roots, forgery.repo.workspace / "shared/timestamp_authorities.pem")),
    case("a file that a commit replaced", linked_document,
         f"! {MD}: was replaced by a link or a submodule by commit …",
         then=both(unlinked, commit)),
    case("a version that was replaced on its first day", both(append("release"), append("release", version=f"{DAY}.2", recorded_at=AFTERNOON)),
         "alpha: 2025-02-01 was in force until 2025-02-01 17:00:00 (Europe/Brussels). Earlier versions of publisher counted whole days, and said that it was never in force; if you told anybody that, do what docs/problems.md says",
         ended("2025-01-20", "2025-02-01 12:00:00", "2025-01-31"),
         ended("2025-01-10", "2025-01-20 13:00:00", "2025-01-19"),
         answers=True),
    case("an import that was replaced at noon", both(imported(date(2025, 1, 9))),
         "alpha: 2025-01-09-imported may have been in force until 2025-01-10 13:00:00 (Europe/Brussels). Earlier versions of publisher counted whole days, and said that it was in force until 2025-01-09; if you told anybody that, do what docs/problems.md says",
         ended("2025-01-10", "2025-01-20 13:00:00", "2025-01-19"),
         answers=True),
    case("a clock that was corrected", both(append("release", AHEAD), clock((3, AFTERNOON, DAY))),
         counted("17:00:00", "2025-02-03"),
         ended("2025-01-10", "2025-01-20 13:00:00", "2025-01-19"),
         answers=True),
    case("a correction of a clock that is younger than its commit", both(append("release", AHEAD), clock((3, AFTERNOON, DAY), recorded=datetime(2025, 5, 7, 12, tzinfo=UTC))),
         "! 0004-clock-2025-05-07.json: was recorded after commit …, which has it",
         counted("17:00:00", "2025-05-07")),
    case("a correction of a clock to a time before the source commit", both(from_nothing, clock((3, AFTERNOON, DAY), recorded=datetime(2025, 5, 6, 12, 4, tzinfo=UTC))),
         "! 0004-clock-2025-05-06.json: says a time for entry 3 before its source commit … was made",
         counted("17:00:00", "2025-05-06")),
    case("an archive that a sparse checkout leaves out", nothing,
         "the checkout is sparse, and archives that it leaves out were not checked: 1; run `git sparse-checkout add versions`, then verify again",
         then=left_out()),
    case("an archive of which a sparse checkout leaves files out", nothing,
         "the checkout is sparse, and files that it leaves out were checked in git, but not here: 2 (versions/alpha/2025-01-10/en/policy.pdf and 1 more); run `git sparse-checkout disable`, then verify again",
         then=left_out("--no-cone", "/*", "!*.pdf")),
    case("many versions that were replaced at noon", many,
         *EARLIER,
         answers=True),
)  # fmt: skip


@pytest.fixture(scope="session")
def original(shared: Path) -> Path:
    """A folder with what forgers begin with: an archive, keys, a time-stamping authority."""
    return once(shared / "forgeries", _made)


def _made(folder: Path) -> None:
    for name in ("repo", "tsa"):
        (folder / name).mkdir(parents=True)
    two_versions(folder / "repo")
    make_keys(folder / "keys")
    authority(folder / "tsa")


@pytest.mark.parametrize(
    "case",
    [*CASES, *(pytest.param(case, marks=pytest.mark.thorough) for case in IMPOSSIBLE)],
    ids=[case.what for case in (*CASES, *IMPOSSIBLE)],
)
def test_a_fault_is_all_that_is_found(original: Path, tmp_path: Path, case: Case) -> None:
    tsa = Authority(original / "tsa")
    forgery = Forgery(original / "repo", original / "keys", tmp_path / "repo", tsa)
    assert remarks(forgery, case) == [*case.expected]


def test_a_time_stamp_proves_nothing_before_it_where_the_chain_is_broken(
    original: Path, tmp_path: Path
) -> None:
    tsa = Authority(original / "tsa")
    forgery = Forgery(original / "repo", original / "keys", tmp_path / "repo", tsa)
    stamp()(forgery)
    (before,) = forgery.verify().proofs
    assert [stamp.proves for stamp in before.stamps] == [2]
    edit(f"ledger/{FIRST}", lambda data: data.replace(b"Ops", b"Sop"))(forgery)
    (after,) = forgery.verify().proofs
    assert after.stamps == ()


def test_a_finding_on_a_file_names_its_version_apart(original: Path, tmp_path: Path) -> None:
    """Programs read it; no sentence has it."""
    tsa = Authority(original / "tsa")
    forgery = Forgery(original / "repo", original / "keys", tmp_path / "repo", tsa)
    deleted(MD)(forgery)
    deleted(f"ledger/{SECOND}")(forgery)
    findings = forgery.verify().findings
    assert {finding.version for finding in findings if MD in finding.path} == {ONE}
    lost = [finding for finding in findings if "missing here" in finding.message]
    assert {finding.version for finding in lost} == {ONE, None}
    assert len(lost) == 2


SAYING = (
    ledger.misplaced,
    ledger.entry_faults,
    alteration,
    damage,
    notice_record.disagreements,
    fork.Fork,
    forked,
    timestamp_check.verify_reply,
    timestamp_check._wrong,
    trust_files._differs,
    NewerArchive,
)
"""What puts texts into words for `verify`, in other modules."""

ELSEWHERE = (
    "verify it on this machine",
    ".*/ cannot be read/",
    "not a git repository",
)
"""How texts begin that other tests bring about, of many processes; and two that are for no one."""


def texts(source: str) -> Iterator[str]:
    """Yield each text for people in a source, as a pattern in which anything stands for values."""
    tree = ast.parse(textwrap.dedent(source))
    inside = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in node.values
    }
    unsaid = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    errors = [node for node in ast.walk(tree) if isinstance(node, ast.Raise)]
    inside |= {id(part) for error in errors for part in ast.walk(error)}
    for node in ast.walk(tree):
        if id(node) in inside | unsaid:
            continue
        if isinstance(node, ast.JoinedStr):
            parts = [p.value if isinstance(p, ast.Constant) else None for p in node.values]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            parts = [node.value]
        else:
            continue
        if re.search("[a-z]{2,} |, | [a-z]{2,}", "".join(filter(None, parts))):
            yield "".join(".*" if part is None else re.escape(part) for part in parts)


def test_every_text_of_verify_has_a_case_for_each_place_that_says_it() -> None:
    """A finding or a note that is new in the source fails here until a case brings it about."""
    modules = [
        import_module(f"publisher.archive.verify.{m.name}")
        for m in pkgutil.iter_modules(verify_path)
    ]
    sources = map(inspect.getsource, (*modules, *SAYING))
    places = Counter(text for source in sources for text in texts(source))
    expected = [case.expected for case in (*CASES, *IMPOSSIBLE)]
    cases = {
        text: sum(any(re.search(text, one) for one in said) for said in expected) for text in places
    }
    assert len(places) > 120
    missing = [text for text, count in places.items() if cases[text] < count]
    assert [text for text in missing if not text.replace("\\", "").startswith(ELSEWHERE)] == []
