"""The fast engine: text and settings in, the reference engine's very pixels out, without a PDF."""
