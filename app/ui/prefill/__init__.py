"""The Prefill screen."""
