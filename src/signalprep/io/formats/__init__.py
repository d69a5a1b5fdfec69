"""One file a format: each gives the channels of a recording as they were recorded."""
