"""Policy + dates → files: HTML, PDF, Markdown and JSON.

Pure: the same policy, dating and style give the same bytes. `style` is what a brand looks like,
`languages` the toolkit's own words in each locale.
"""
