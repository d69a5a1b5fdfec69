"""Is a network set up soundly, can it learn, how fast, and what do its layers do?"""
