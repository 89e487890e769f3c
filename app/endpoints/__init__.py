"""Which two servers the app talks to, and how they are. Imports no streamlit."""
