"""Runs what labkit does here in containers at Modal, rented by the second."""

from .app import Cloud
from .engine import Engine, read_engine
from .hosting import Hosting
from .money import PRICES, Rent, dollars_a_second
from .settings import Settings, read_settings

__all__ = [
    "PRICES",
    "Cloud",
    "Engine",
    "Hosting",
    "Rent",
    "Settings",
    "dollars_a_second",
    "read_engine",
    "read_settings",
]
