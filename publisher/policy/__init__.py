"""What one brand says: the tree, its words and their digest; as JSON, and read back."""
