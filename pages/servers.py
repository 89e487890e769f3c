"""Servers: which two are asked, how they are, and what their launcher says."""

from app.ui.servers.screen import draw_servers

draw_servers()
