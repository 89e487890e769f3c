"""The reference engine: Glyph's own path through reportlab and poppler. The judge of the fast one."""
