"""`labkit.Chat.v1`, the spacy-llm model that is concurrent, resumable, budgeted, replayable."""

from .answer import CUT_SHORT, DECLINED
from .cost import Estimate
from .model import Chat, make_chat
from .tally import Tally

__all__ = ["CUT_SHORT", "DECLINED", "Chat", "Estimate", "Tally", "make_chat"]
