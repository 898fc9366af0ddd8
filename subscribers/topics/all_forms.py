"""Every way in which papers may write a phrase, with the acronyms that they taught."""

from __future__ import annotations

from collections.abc import Iterator

from subscribers.topics.acronyms import Acronyms, Stems
from subscribers.topics.terms import Term


def list_all_forms(term: Term, acronyms: Acronyms) -> Iterator[Stems]:
    """The stems of a phrase in every way in which papers may write it, the one typed first.

    One of these stands side by side in every paper in which the phrase is found.
    """
    yield from (_spell_forms(term, 0, acronyms) if acronyms.may_change(term) else [term.stems])


def _spell_forms(term: Term, k: int, acronyms: Acronyms) -> Iterator[Stems]:
    """The same from the phrase's word k on."""
    if k == len(term.stems):
        yield ()
        return
    steps: list[tuple[Stems, int]] = [((term.stems[k],), k + 1)]
    if long_form := acronyms.long_forms.get(term.words[k].capitals):
        steps.append((long_form, k + 1))
    for long_form in acronyms.by_beginning.get(term.stems[k], ()):
        after = k + len(long_form)
        if term.stems[k:after] == long_form:
            steps.append(((acronyms.stems[acronyms.short_forms[long_form]],), after))
    for step, after in steps:
        for rest in _spell_forms(term, after, acronyms):
            yield (*step, *rest)
