"""The cloud's own tests."""
