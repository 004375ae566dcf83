"""A redline → documents for people and programs."""
