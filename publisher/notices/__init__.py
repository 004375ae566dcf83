"""Notices: tell the customers of a brand what changes in its policy, and prove who was told."""
