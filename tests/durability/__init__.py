"""The archive under fire: faults, tampering, crowds and size. See ``docs/guarantees.md``."""
