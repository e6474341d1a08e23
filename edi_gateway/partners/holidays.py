"""Public holidays of countries and regions, from the package `holidays`."""

from datetime import date
from functools import cache


def is_known(code: str) -> bool:
    """Whether there are holidays for a country or region: "US", "DE-BY"."""
    from holidays import list_supported_countries  # its tables are read only where a partner file asks for them

    country, _, region = code.partition("-")
    regions = list_supported_countries().get(country)
    return regions is not None and (not region or region in regions)


@cache
def holidays_of(code: str, year: int) -> frozenset[date]:
    """The days of a year that are public holidays. Errors: NotImplementedError for a code that is not known."""
    from holidays import country_holidays

    country, _, region = code.partition("-")
    return frozenset(country_holidays(country, subdiv=region or None, years=year))
