"""Policy + dates → files: HTML, PDF, Markdown and JSON; a redline → a Word document.

Pure: the same policy, dating and style give the same bytes. `style` is what a brand looks like,
`labels` the toolkit's own words in each locale.
"""
