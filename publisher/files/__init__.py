"""Writing files safely, and remembering results."""
