"""PDF → titles and blocks: by its structure, or by its layout."""
