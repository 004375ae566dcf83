"""Workspace and policies → problems: a module for a family of rules, a function for a rule."""
