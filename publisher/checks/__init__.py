"""Workspace and policies → problems: a module per family of rules, a small function per rule."""
