"""Work on many brands, a whole one at a time: on this machine, or on the workers of Dask."""
