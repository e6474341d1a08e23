"""Trading partners, agreements and certificates: read from files, checked, and handed to services as values."""
