"""The one scalar that all synapses hear."""
