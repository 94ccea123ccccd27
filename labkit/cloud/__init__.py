"""Runs what labkit does here in containers at Modal, rented by the second."""

from .app import Cloud
from .money import PRICES, Rent, dollars_a_second
from .settings import Settings, read_settings

__all__ = ["PRICES", "Cloud", "Rent", "Settings", "dollars_a_second", "read_settings"]
