"""The application around the renderer. Import its packages, not this."""
