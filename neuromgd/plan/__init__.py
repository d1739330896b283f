"""From a configuration to what runs: data, design, parameters, hold times, clock."""
