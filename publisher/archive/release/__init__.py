"""Everything that appends to the archive: checked, written, committed."""
