"""What services need of the world, as protocols and plain rows; adapters below and beside them fulfil it."""
