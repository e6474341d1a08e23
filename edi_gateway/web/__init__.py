"""The console and the AS2 endpoint: Flask's one door."""
