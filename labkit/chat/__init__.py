"""`labkit.Chat.v1`, the spacy-llm model that is concurrent, resumable, budgeted, replayable."""

from .answer import CUT_SHORT, DECLINED
from .cost import Estimate
from .endpoint import Endpoint
from .host import Opened, Rent
from .making import make_chat
from .model import Chat
from .tally import Tally

__all__ = ["CUT_SHORT", "DECLINED", "Chat", "Endpoint", "Estimate", "Opened", "Rent", "Tally", "make_chat"]
