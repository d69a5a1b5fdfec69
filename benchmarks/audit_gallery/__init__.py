"""A gallery of leaks and of honest work, as people hand them over: does the audit tell them apart?

The cases were written from public notebooks and from the public docs, by somebody who had not read
the checks, and were frozen before the first run. `python -m benchmarks.audit_gallery` runs them.
"""
