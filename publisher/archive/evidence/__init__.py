"""Evidence of a version → a bundle and its letter, for an outsider who trusts nobody.

`answer`, `record` and `verification` are the letter's sections, in the sentences of
`letter_sentences`; `letter` puts them on a page, `bundle` adds the files that prove them.
"""
