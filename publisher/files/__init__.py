"""Writing safely, and remembering what was made before."""
