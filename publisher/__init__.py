"""Publish the privacy policies of every brand of a company, and prove what they said."""

__version__ = "0.1.0"
