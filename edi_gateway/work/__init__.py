"""Work and time: the worker that does jobs, and the clock that makes them."""

from edi_gateway.work.children import Children, Crew
from edi_gateway.work.clock import RETAINING, TICKS, Tick, Ticker, system_clock
from edi_gateway.work.lanes import Lane, Pace
from edi_gateway.work.parent import Parent
from edi_gateway.work.service_manager import ServiceManager
from edi_gateway.work.upkeep import upkeep_handlers
from edi_gateway.work.watcher import Watcher
from edi_gateway.work.worker import Worker, place_of

__all__ = [
    "RETAINING",
    "TICKS",
    "Children",
    "Crew",
    "Lane",
    "Pace",
    "Parent",
    "ServiceManager",
    "Tick",
    "Ticker",
    "Watcher",
    "Worker",
    "place_of",
    "system_clock",
    "upkeep_handlers",
]
