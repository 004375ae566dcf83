"""The public site of each brand, made from the archive; and whether the web shows what it says.

`contents` reads what a brand's site shows, `pages` and `feeds` make its files, `site` writes them.
"""
