"""Choosing, reading and showing a book, in the sidebar and its dialogs."""
