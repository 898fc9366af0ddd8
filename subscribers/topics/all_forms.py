"""Every way in which papers may write a phrase, with what they taught."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from subscribers.topics.acronyms import Acronyms
from subscribers.topics.terms import Term

MOST_FORMS = 16  # of one phrase; each acronym or compound in it doubles them

_Step = tuple[str, int]  # stems joined by blanks, and which word of the phrase comes next


def list_all_forms(term: Term, acronyms: Acronyms) -> list[str]:
    """The stems of a phrase, joined by blanks, in every way in which papers may write it.

    One of these stands side by side in every paper in which the phrase is found. The one typed is
    the first. Where there would be more than 16 they end where the phrase has 16 beginnings.
    """
    if not acronyms or not acronyms.may_change(term):
        return [" ".join(term.stems)]
    forms: list[_Step] = [("", 0)]
    while any(k < len(term.stems) for _, k in forms):
        longer = [after for form in forms for after in _lengthen_form(form, term, acronyms)]
        if len(longer) > MOST_FORMS and len(forms) > 1:
            break
        forms = longer
    orders = map(" ".join, acronyms.variants.orders.get(term.stems, ()))
    return list(dict.fromkeys(chain((form for form, _ in forms), orders)))


def _lengthen_form(form: _Step, term: Term, acronyms: Acronyms) -> Iterator[_Step]:
    """The form with what may come next: a word as typed, or what papers taught in place of it.

    Of an acronym its long form, of that the acronym; of a compound its parts, of those the whole.
    """
    stems, k = form
    if k == len(term.stems):
        yield form
        return
    yield f"{stems} {term.stems[k]}".lstrip(), k + 1
    for long_form in acronyms.long_forms.get(term.words[k].capitals, ()):
        yield f"{stems} {' '.join(long_form)}".lstrip(), k + 1
    for long_form in acronyms.by_beginning.get(term.stems[k], ()):
        after = k + len(long_form)
        if term.stems[k:after] == long_form:
            short = acronyms.stems[acronyms.short_forms[long_form]]
            yield f"{stems} {short}".lstrip(), after
            for other in acronyms.list_other_forms(long_form):
                yield f"{stems} {' '.join(other)}".lstrip(), after
    for compound in acronyms.variants.by_closed.get(term.stems[k], ()):
        yield f"{stems} {' '.join(compound.parts)}".lstrip(), k + 1
    for compound in acronyms.variants.list_compounds_at(term.stems, k):
        yield f"{stems} {compound.closed}".lstrip(), k + 2
