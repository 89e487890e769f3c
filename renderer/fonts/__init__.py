"""Fonts: which there are, which file a name means, whether a file can be drawn, and what it lacks."""
