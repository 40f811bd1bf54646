"""What holds across all rooms: who may do what, what never leaves the house, how it is built."""
