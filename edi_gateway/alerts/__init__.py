"""Telling people: notices by mail, chat or webhook."""
