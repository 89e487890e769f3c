"""One HTTP exchange with a server nobody vouches for: bounded in bytes and in time, and no redirect is ever followed.

    addresses, keys -> connection -> bodies -> exchange -> completions; trouble names what went wrong below HTTP; plain_json reads values

In: an address, headers, perhaps a body. Out: an Answer, or a Trouble that says what happened. Knows nothing of models,
of what is said or of launching: app.clients and app.serving put their own words to it.
"""

from app.outbound.addresses import (
    THIS_MACHINE,
    address_problem,
    api_base,
    is_this_machine,
    kept_address,
    login_in,
    shown_address,
)
from app.outbound.bodies import pieces_of
from app.outbound.completions import AskedInVain, Unreadable, ask_until_read, post_chat
from app.outbound.connection import Hangup, open_client
from app.outbound.exchange import LOOK_BYTES, Answer, answer_of, ask
from app.outbound.keys import KeyUnusable, auth_headers, key_is_set, without_secrets
from app.outbound.plain_json import MAX_COUNT, clean_text, mended_text, number_of, parse_json, whole_of
from app.outbound.trouble import Fault, Trouble, trouble_of

__all__ = [
    "LOOK_BYTES",
    "MAX_COUNT",
    "THIS_MACHINE",
    "Answer",
    "AskedInVain",
    "Fault",
    "Hangup",
    "KeyUnusable",
    "Trouble",
    "Unreadable",
    "address_problem",
    "answer_of",
    "api_base",
    "ask",
    "ask_until_read",
    "auth_headers",
    "clean_text",
    "is_this_machine",
    "kept_address",
    "key_is_set",
    "login_in",
    "mended_text",
    "number_of",
    "open_client",
    "parse_json",
    "pieces_of",
    "post_chat",
    "shown_address",
    "trouble_of",
    "whole_of",
    "without_secrets",
]
