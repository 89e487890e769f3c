"""Everything that is served beside Streamlit: routes, event streams, and the lifespan of the process."""
