"""A classic X12 EDI translator and AS2 gateway that can prove what it did."""

__version__ = "0.1.0"
