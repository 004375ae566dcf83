"""How fast the toolkit is, as ratios to what it builds on: `make bench`."""
