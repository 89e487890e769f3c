"""Settings of a rendering: Glyph's keys in, a validated RenderConfig out, and what Glyph was trained on."""
