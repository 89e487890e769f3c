"""The Pages screen's service: books laid out at any setting while a slider moves. Imports no streamlit."""
