"""What happened when, for viewers: a simulated stretch of the run as JSON, VCD or CSV."""
