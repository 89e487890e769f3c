"""From source text to fragments, words and advances: what is done once a text."""
