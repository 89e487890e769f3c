"""The Pages screen: every rendering setting."""
