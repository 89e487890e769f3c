"""Training rows for the paper's tasks (arXiv 2510.17800, section 3): texts in, pages with what to say about them out.

    documents, questions -> styles, excerpts -> tasks -> making -> writers;  rewards and judge for the third stage

Every row is made again from its seed, byte for byte. Knows nothing of trainers beyond the fields of their records.
"""
