"""Books as page files on disk: writer.py makes a set, jobs.py makes sets in the background and keeps them bounded."""
