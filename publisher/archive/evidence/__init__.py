"""Evidence of a version → a bundle and its letter, for an outsider who trusts nobody.

And evidence of a period → an export of all its versions: `inventory` lists what the archive has of
a brand, `export_index` describes it, `export` writes it.

`answer`, `record` and `verification` are the letter's sections, in the sentences of
`letter_sentences`; `letter` puts them on a page, `bundle` adds the files that prove them.
"""
