"""What can go wrong with a projection.

ProjectionError (ValueError)   a figure outside what the formulas are for; the message names it and what is allowed
"""


class ProjectionError(ValueError):
    """A caller's mistake: shown to developers, not to users."""
