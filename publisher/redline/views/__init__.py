"""A redline → what people and programs read."""
