"""Reading the data sheets of hardware_models."""
