"""From words to lines, paragraphs and pages, in points: reportlab's rules."""
