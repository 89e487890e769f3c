"""What is kept of runs on this machine, on the screen: the switches, the list, comparing, answers side by side."""
