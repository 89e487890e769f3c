"""What the browser shows and sends: the typed session, panes, panels and routes. Only here and in pages/ is streamlit imported."""
