"""Which source characters a page begins and ends with. Knows nothing of pixels.

Compiled. page_parts int64 (pages + 1,); part_lines int64 (parts, 3); line_glyphs int64 (lines, 2); codes, sources int32 (glyphs,).
"""

import numpy as np

from renderer.fast.compiling import compiled


@compiled
def inked_sources(page_parts, part_lines, line_glyphs, codes, sources, space, nbsp):
    """Source characters of each page's first and last glyph that is no space; -1 where there is none."""
    result = np.full((page_parts.size - 1, 2), -1, np.int64)
    for page in range(page_parts.size - 1):
        a, z = page_parts[page], page_parts[page + 1]
        if a == z or part_lines[z - 1, 1] == part_lines[a, 0]:
            continue
        start = line_glyphs[part_lines[a, 0], 0]
        end = line_glyphs[part_lines[z - 1, 1] - 1, 1]
        for i in range(start, end):
            if codes[i] != space and codes[i] != nbsp:
                result[page, 0] = sources[i]
                break
        for i in range(end - 1, start - 1, -1):
            if codes[i] != space and codes[i] != nbsp:
                result[page, 1] = sources[i]
                break
    return result
