"""A second gallery: other instances of what the first found missed, frozen before checks for it.

Written from the habits of public notebooks on motor temperature, battery state, energy use and
remaining life. It says whether checks added for the first gallery know the kind, or the case.
"""
