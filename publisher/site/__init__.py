"""The public site of each brand, made from the archive; and a check of what the web shows.

`contents` reads what a brand's site shows, `pages` and `feeds` make its files, `site` writes them.
"""
