"""The learning modes, one file each."""
