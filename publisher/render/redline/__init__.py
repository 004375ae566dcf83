"""A redline → a page of HTML, and what its PDF is made from."""
