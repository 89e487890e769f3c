"""What a model wrote in Markdown, as trees of a fixed list of tags: whole (tree.py), while it grows (stream.py), formulas (maths.py), and
as HTML text for a file (html_text.py). Hostile until checked: nothing here fetches, runs or links. Pure; knows no servers or screens.
"""
