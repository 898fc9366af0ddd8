"""The names of arXiv's categories: https://arxiv.org/category_taxonomy."""

from __future__ import annotations

# By archive; those without a part behind the full stop stand at the end.
_PARTS = {
    "astro-ph": "CO EP GA HE IM SR",
    "cond-mat": "dis-nn mes-hall mtrl-sci other quant-gas soft stat-mech str-el supr-con",
    "cs": (
        "AI AR CC CE CG CL CR CV CY DB DC DL DM DS ET FL GL GR GT HC IR IT LG LO MA MM MS NA NE "
        "NI OH OS PF PL RO SC SD SE SI SY"
    ),
    "econ": "EM GN TH",
    "eess": "AS IV SP SY",
    "math": (
        "AC AG AP AT CA CO CT CV DG DS FA GM GN GR GT HO IT KT LO MG MP NA NT OA OC PR QA RA RT "
        "SG SP ST"
    ),
    "nlin": "AO CD CG PS SI",
    "physics": (
        "acc-ph ao-ph app-ph atm-clus atom-ph bio-ph chem-ph class-ph comp-ph data-an ed-ph "
        "flu-dyn gen-ph geo-ph hist-ph ins-det med-ph optics plasm-ph pop-ph soc-ph space-ph"
    ),
    "q-bio": "BM CB GN MN NC OT PE QM SC TO",
    "q-fin": "CP EC GN MF PM PR RM ST TR",
    "stat": "AP CO ME ML OT TH",
}
_WHOLE_ARCHIVES = (
    "astro-ph cond-mat gr-qc hep-ex hep-lat hep-ph hep-th math-ph nucl-ex nucl-th q-bio q-fin "
    "quant-ph"
)
# As one types it in small letters -> as arXiv writes it: {"cs.cv": "cs.CV", "hep-th": "hep-th"}.
CATEGORY_NAMES = {
    f"{archive}.{part}".lower(): f"{archive}.{part}"
    for archive, parts in _PARTS.items()
    for part in parts.split()
} | {name: name for name in _WHOLE_ARCHIVES.split()}
_ARCHIVES = frozenset([*_PARTS, *_WHOLE_ARCHIVES.split()])


def find_category(name: str) -> str:
    """A category or whole archive as arXiv writes it, "" for what is none: cs.CL for cs.cl."""
    low = name.lower()
    return CATEGORY_NAMES.get(low) or (low if low in _ARCHIVES else "")
