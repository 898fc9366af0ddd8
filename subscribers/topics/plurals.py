"""Plurals that no rule gets right, as data: the singular, and behind it its plurals.

Left out is what would find another word too often: bases (of base or of basis), leaves and lives
(verbs as well), media, data and quanta (words of their own).
"""

from __future__ import annotations

# Their last s is not a plural.
_NO_PLURALS = (
    "alias always atlas aws bias biogas canvas chaos cosmos dbms dns gas gps has ios lens means "
    "news pancreas perhaps rss series sms species syngas tls tts was"
)
_ODD = """
alias aliases|atlas atlases|bias biases|biogas biogases|bonus bonuses|bus buses|campus campuses
|canvas canvases|census censuses|focus focuses foci|gas gases|iris irises|lens lenses
|pancreas pancreases|plexus plexuses|sinus sinuses|status statuses|syngas syngases|virus viruses
|walrus walruses|quiz quizzes
|alveolus alveoli|bacillus bacilli|bronchus bronchi|cactus cacti|calculus calculi|embolus emboli
|fungus fungi|glomerulus glomeruli|gyrus gyri|hippocampus hippocampi|locus loci|modulus moduli
|nucleus nuclei|radius radii|stimulus stimuli|sulcus sulci|thrombus thrombi|torus tori|villus villi
|corpus corpora|genus genera
|alga algae|amoeba amoebae amebae|antenna antennae|cochlea cochleae|formula formulae|hypha hyphae
|lacuna lacunae|lamina laminae|larva larvae|macroalga macroalgae|microalga microalgae
|mycorrhiza mycorrhizae|nebula nebulae|nova novae|papilla papillae|pupa pupae|supernova supernovae
|vertebra vertebrae
|atrium atria|bacterium bacteria|cilium cilia|consortium consortia|continuum continua
|curriculum curricula|cyanobacterium cyanobacteria|endothelium endothelia|epithelium epithelia
|equilibrium equilibria|flagellum flagella|millennium millennia|mycelium mycelia|ovum ova
|phylum phyla|septum septa|serum sera|spectrum spectra|stratum strata|symposium symposia
|archaeon archaea|automaton automata|criterion criteria|ganglion ganglia
|mitochondrion mitochondria|phenomenon phenomena|taxon taxa
|decahedron decahedra|dodecahedron dodecahedra|icosahedron icosahedra|octahedron octahedra
|polyhedron polyhedra|tetrahedron tetrahedra
|analysis analyses|axis axes|biosynthesis biosyntheses|crisis crises|diagnosis diagnoses
|ellipse ellipses|hydrolysis hydrolyses|hypothesis hypotheses|metamorphosis metamorphoses
|metastasis metastases|neurosis neuroses|oasis oases|paralysis paralyses|parenthesis parentheses
|prognosis prognoses|prosthesis prostheses|psychosis psychoses|stenosis stenoses
|symbiosis symbioses|synopsis synopses|synthesis syntheses|testis testes|thesis theses
|thrombosis thromboses
|apex apices|appendix appendices|codex codices|cortex cortices|helix helices|index indices
|matrix matrices|simplex simplices|vertex vertices|vortex vortices
|foramen foramina|lemma lemmata|lumen lumina|schema schemata|stigma stigmata|stoma stomata
|child children|foot feet|goose geese|man men|mouse mice|ox oxen|tooth teeth|woman women
|calf calves|hoof hooves|knife knives|shelf shelves|thief thieves|wolf wolves
|calorie calories|cookie cookies|kilocalorie kilocalories|movie movies|prairie prairies
|zombie zombies
|api apis|cpu cpus|gpu gpus|npu npus|tpu tpus
"""
SINGULARS = {
    plural: singular
    for singular, *plurals in (row.split() for row in _ODD.split("|"))
    for plural in plurals
} | {word: word for word in _NO_PLURALS.split()}
# Of these only a phrase varies in its number: local minima and a local minimum, where the
# singular alone is an adjective in most papers.
NUMBERS_OF_PHRASES = {
    "extrema": "extremum",
    "maxima": "maximum",
    "minima": "minimum",
    "optima": "optimum",
}
# A plural in -oes is that of a word in -o, but for these.
ENDING_IN_OE = frozenset(["aloes", "canoes", "does", "foes", "goes", "shoes", "toes", "horseshoes"])
