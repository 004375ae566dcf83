"""Results and problems → the terminal, or JSON. One module for what belongs together."""
