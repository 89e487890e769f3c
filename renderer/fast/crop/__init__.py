"""Where the ink of a page ends, without drawing the page: the crop's rules."""
