"""Workspace and policies → problems: a module for each family of rules, a function for each rule."""
