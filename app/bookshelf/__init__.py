"""Books that sessions have open: where they came from, what was chosen of them, what they cost. Imports no streamlit."""
