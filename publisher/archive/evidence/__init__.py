"""Evidence of a version → a bundle and its letter, for an outsider who trusts nobody.

`letter_sentences` are the letter's, `answer`, `record` and `verification` its sections; `letter`
puts them on a page, `bundle` has them with the files that prove them.
"""
