"""From placed glyphs and rectangles to pixels: poppler's rules."""
