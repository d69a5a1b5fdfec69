"""Compiled loops: arrays in, arrays out.

Signals are ``(channels, samples)``, contiguous in time. A batch kernel handles the tasks ``first <=
t < last``, where task ``t`` is segment ``t % n_segments`` of channel ``t // n_segments``;
:mod:`._blocks` shares tasks out over threads.
"""
