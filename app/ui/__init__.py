"""What the browser shows and sends: the typed session, panes and panels. Only here and in pages/ is streamlit imported."""
