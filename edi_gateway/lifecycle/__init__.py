"""States of messages, sets and windows as pure tables and functions."""
