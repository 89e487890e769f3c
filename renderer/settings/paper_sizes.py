"""Papers by name, in points, and the aspect ratios that the paper lists."""

# Points. The paper: fixed paper sizes, common aspect ratios, free aspect ratios.
PAPER_SIZES_PT: dict[str, tuple[float, float]] = {
    "A4": (595.0, 842.0),  # as Glyph's published settings have it; the others are exact
    "LETTER": (612.0, 792.0),
    "LEGAL": (612.0, 1008.0),
    "A5": (419.52755905511816, 595.2755905511812),
    "B5": (498.89763779527556, 708.6614173228347),
    "A3": (841.8897637795277, 1190.5511811023623),
    "B4": (708.6614173228347, 1000.6299212598425),
    "TABLOID": (792.0, 1224.0),
}

ASPECT_RATIOS: tuple[float, ...] = (1.414, 1.333, 1.5, 1.778)  # height / width
