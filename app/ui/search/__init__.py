"""The Search screen: rendering settings found for the open book."""
