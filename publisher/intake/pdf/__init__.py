"""PDF → titles and blocks: by its structure, or else by how it is set."""
