"""Texts from beyond files: paged JSON APIs, PostgreSQL, Hugging Face datasets, each fetched into a file as it comes."""

from __future__ import annotations

from .api import JsonApi, github_issues, guardian
from .fetching import Fetched, Page, Source, fetch
from .rows import HuggingFace, Query

__all__ = ["Fetched", "HuggingFace", "JsonApi", "Page", "Query", "Source", "fetch", "github_issues", "guardian"]
