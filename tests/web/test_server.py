"""What the server does once, when it starts."""

import socket

from app.web.server import send_at_once


def test_what_is_accepted_sends_small_answers_at_once():
    with socket.socket() as listener:  # as Streamlit opens it: no protocol named
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        assert not listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        send_at_once()
        with socket.create_connection(listener.getsockname()):
            accepted, _ = listener.accept()
            with accepted:
                assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
