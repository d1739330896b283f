"""Where and how chips run: engines, devices and processes behind one protocol."""
