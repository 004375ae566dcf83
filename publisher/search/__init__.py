"""Who said it, and when: words looked up in every archived text, by an index outside git."""
