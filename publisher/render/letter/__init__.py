"""Evidence → the evidence letter, a PDF for outsiders.

`words` are its sentences, `answer`, `record` and `check` its sections, `commands` what its reader
can run; `page` puts them on a page, `pdf` into a manuscript.
"""
