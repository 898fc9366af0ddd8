"""The names of columns on a telephone, where each row of a list is a card.

There unfold shows before a cell what its `data-label` says: the name of a model's field as it
stands in the code, in small letters for sentences, and words of its own before the tick.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import wraps
from typing import Any

from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from unfold.templatetags import unfold_list

from subscribers.admin.lists import TICK

_LABEL = re.compile(r'(?<= data-label=")[^"]*')  # as unfold wrote it, escaped
_write_cells = unfold_list.items_for_result


@wraps(_write_cells)
def write_cells(changes: Any, row: Any, form: Any) -> Iterator[SafeString]:
    """The cells of one row, each named as the head of its column is on a wide page."""
    words = {_("Select record"): str(TICK)}
    for cell in _write_cells(changes, row, form):
        yield SafeString(_LABEL.sub(lambda label: capfirst(words.get(label[0], label[0])), cell, 1))


def name_cards() -> None:
    """Have all lists of the admin write their cells so."""
    unfold_list.items_for_result = write_cells
