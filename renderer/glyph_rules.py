"""What both engines obey: rules of Glyph's script and of reportlab that are facts about the text. No behaviour, no imports."""

REMOVED = "\u00ad\u200b"  # soft hyphen and zero-width space: Glyph's script takes them out
FRAME_PADDING_PT = 6.0  # reportlab's SimpleDocTemplate pads its frame by this much on each side
CROP_TOLERANCE = 5  # of 255: what differs more from the corner's grey is ink, and is kept by the crop
LINES_PER_PARAGRAPH = 30  # Glyph's script puts so many source lines into one reportlab Paragraph

# What reportlab takes for white space between words (its paragraph.py `_wsc`), and the no-break space it glues with.
SPACES = frozenset(
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\u00a0"
)

# reportlab puts a Chinese paragraph that a page cut together again with a space at every old line end. Where a line holds
# one character and no space beside it, each page leaves more than the one before: thousands of pages for a hundred
# characters, or no end at all. Whole lines at most double a paragraph; what grows beyond this is refused.
MOST_REST_TIMES, MOST_REST_MORE = 4, 2_000  # of the paragraph's own characters
