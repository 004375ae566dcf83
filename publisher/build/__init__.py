"""A workspace's policies → the files that would be published, and what is wrong."""
