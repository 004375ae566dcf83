"""Search in all archived texts, with an index outside git."""
