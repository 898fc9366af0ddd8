"""The line that opens a mail: how many papers there are, of which time, and how many trend."""

from __future__ import annotations

from functools import lru_cache

from django.utils.translation import gettext, ngettext_lazy

from digest.models import DigestContents, Section

# What the intro says first: how many papers there are, and how many of them are trending.
_LEADS = {
    "none": ngettext_lazy(
        "%(papers)s paper in your topics", "%(papers)s papers in your topics", "papers"
    ),
    "some": ngettext_lazy(
        "%(papers)s paper in your topics, %(trending)s of them trending",
        "%(papers)s papers in your topics, %(trending)s of them trending",
        "papers",
    ),
    "one": ngettext_lazy(
        "%(papers)s paper in your topics, and it is trending",
        "%(papers)s papers in your topics, and it is trending",
        "papers",
    ),
    "both": ngettext_lazy(
        "%(papers)s paper in your topics, both trending",
        "%(papers)s papers in your topics, both trending",
        "papers",
    ),
    "all": ngettext_lazy(
        "%(papers)s paper in your topics, all of them trending",
        "%(papers)s papers in your topics, all of them trending",
        "papers",
    ),
}
# The same where the topics have more papers than the digest has room for.
_LEADS_OF_SOME = {
    "none": ngettext_lazy(
        "%(inside)s of %(papers)s paper in your topics",
        "%(inside)s of %(papers)s papers in your topics",
        "papers",
    ),
    "some": ngettext_lazy(
        "%(inside)s of %(papers)s paper in your topics, %(trending)s of them trending",
        "%(inside)s of %(papers)s papers in your topics, %(trending)s of them trending",
        "papers",
    ),
    "one": ngettext_lazy(
        "%(inside)s of %(papers)s paper in your topics, and it is trending",
        "%(inside)s of %(papers)s papers in your topics, and it is trending",
        "papers",
    ),
    "both": ngettext_lazy(
        "%(inside)s of %(papers)s paper in your topics, both trending",
        "%(inside)s of %(papers)s papers in your topics, both trending",
        "papers",
    ),
    "all": ngettext_lazy(
        "%(inside)s of %(papers)s paper in your topics, all of them trending",
        "%(inside)s of %(papers)s papers in your topics, all of them trending",
        "papers",
    ),
}
# Of a mail that has nothing but these.
_ALONE = ngettext_lazy(
    "Nothing new is on your topics. %(near)s paper is close to them.",
    "Nothing new is on your topics. %(near)s papers are close to them.",
    "near",
)


def write_intro(contents: DigestContents) -> str:
    """How many papers there are, of which time, and how many of them are trending."""
    sections = [item.section for item in contents.papers]
    outside, near = sections.count(Section.OUTSIDE), sections.count(Section.NEAR)
    others = sections.count(Section.NEW) + sections.count(Section.PASSING)
    inside = len(sections) - outside - near
    there_are = max(contents.in_topics, inside)
    return _say_counts(inside, there_are, others, outside, near, contents.is_first)


@lru_cache(1024)
def _say_counts(
    inside: int, there_are: int, new: int, outside: int, near: int, is_first: bool
) -> str:
    if not inside and near:
        return _ALONE % {"near": near}
    if not inside:
        return gettext("Nothing new in your topics, but one paper that everybody talks about.")
    kind = _name_trending(inside - new, inside)
    lead = (_LEADS_OF_SOME if there_are > inside else _LEADS)[kind]
    said = lead % {"inside": inside, "papers": there_are, "trending": inside - new}
    if near:
        said = gettext("%(said)s, %(near)s close to them") % {"said": said, "near": near}
    if outside:
        said = gettext("%(said)s, and %(outside)s from outside them") % {
            "said": said,
            "outside": outside,
        }
    return gettext("From the last days: %(said)s.") % {"said": said} if is_first else f"{said}."


def _name_trending(trending: int, papers: int) -> str:
    """How many of the papers are trending, by the names of _LEADS."""
    if not trending:
        return "none"
    return "some" if trending < papers else {1: "one", 2: "both"}.get(papers, "all")
