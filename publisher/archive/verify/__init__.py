"""Whether the archive is as it was released, with git as a witness."""
