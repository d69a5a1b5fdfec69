"""A program as files of C, and what they are held against."""
