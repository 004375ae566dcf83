"""Policy + dates → files: HTML, PDF, Markdown and JSON.

Pure: the same policy, dating and style give the same bytes. `style` is the look of a brand,
`languages` has the toolkit's own words in each locale.
"""
