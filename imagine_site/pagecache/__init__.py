"""Finished pages in memory: between two publications, serving one costs what serving a file costs.

A wrapper around the whole application keeps answers that a view declared fit (`keep`). A number in
the database, the generation, grows with every commit that changes what visitors may see; every
process looks at it several times a second, and what was kept before is made anew. What changes by
itself, an embargo or a right that ends, bounds the life of every page.
"""
