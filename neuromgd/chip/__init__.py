"""The parts put together; read step.py first."""
