"""Structure from motion: a folder of drone photos becomes cameras, sparse points and prepared photos.

`pipeline.reconstruct` is the whole run; every other module is one step or one rule of it.
"""
