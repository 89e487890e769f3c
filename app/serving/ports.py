"""Who listens on a port, and which port is free. Knows nothing of servers."""

from __future__ import annotations

import socket

import psutil


def is_taken(host: str, port: int) -> bool:
    """Whether something accepts connections there, or the port cannot be bound."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port in TIME_WAIT is free for a server
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def listener(port: int) -> str:
    """The program that listens, as "python3 (process 4711)"; a vague word when the system does not tell."""
    try:
        connections = psutil.net_connections(kind="tcp")
    except (psutil.Error, OSError):
        connections = []
    for connection in connections:
        if (
            connection.status == psutil.CONN_LISTEN
            and connection.laddr
            and connection.laddr.port == port
            and connection.pid
        ):
            try:
                return f"{psutil.Process(connection.pid).name()} (process {connection.pid})"
            except psutil.Error:
                return f"process {connection.pid}"
    return "another program"


def free_port(host: str = "127.0.0.1") -> int:
    with socket.socket(socket.AF_INET) as probe:
        probe.bind((host, 0))
        return probe.getsockname()[1]
