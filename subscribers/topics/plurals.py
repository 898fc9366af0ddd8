"""Plurals that no rule gets right, as data: the singular, and behind it its plurals.

Left out is what would find another word too often: bases (of base or of basis), data and quanta
(words of their own). Leaves are a plural where they are no verb (subscribers/topics/verbs.py).
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
|abacus abacuses|apparatus apparatuses|bolus boluses|consensus consensuses|fetus fetuses
|lotus lotuses|nexus nexuses|octopus octopuses octopi|platypus platypuses|thymus thymuses thymi
|annulus annuli|coccus cocci|enterococcus enterococci|fundus fundi|humerus humeri
|lactobacillus lactobacilli|meniscus menisci|nevus nevi|pneumococcus pneumococci
|staphylococcus staphylococci|streptococcus streptococci|syllabus syllabi|tarsus tarsi
|terminus termini|tumulus tumuli|uterus uteri
|alveolus alveoli|bacillus bacilli|bronchus bronchi|cactus cacti|calculus calculi|embolus emboli
|fungus fungi|glomerulus glomeruli|gyrus gyri|hippocampus hippocampi|locus loci|modulus moduli
|nucleus nuclei|radius radii|stimulus stimuli|sulcus sulci|thrombus thrombi|torus tori|villus villi
|corpus corpora|genus genera|opus opera|viscus viscera
|bursa bursae|exuvia exuviae|fistula fistulae|fossa fossae|macula maculae|patella patellae
|petechia petechiae|scapula scapulae|sequela sequelae|tibia tibiae|trachea tracheae|ulna ulnae
|alga algae|amoeba amoebae amebae|antenna antennae|cochlea cochleae|formula formulae|hypha hyphae
|lacuna lacunae|lamina laminae|larva larvae|macroalga macroalgae|microalga microalgae
|mycorrhiza mycorrhizae|nebula nebulae|nova novae|papilla papillae|pupa pupae|supernova supernovae
|vertebra vertebrae
|addendum addenda|basidium basidia|colloquium colloquia|compendium compendia|conidium conidia
|cranium crania|diverticulum diverticula|erratum errata|memorandum memoranda|ostium ostia
|plastidium plastidia|protozoon protozoa|protozoan protozoans|spermatozoon spermatozoa
|sporangium sporangia
|atrium atria|bacterium bacteria|cilium cilia|consortium consortia|continuum continua
|curriculum curricula|cyanobacterium cyanobacteria|endothelium endothelia|epithelium epithelia
|equilibrium equilibria|flagellum flagella|millennium millennia|mycelium mycelia|ovum ova
|phylum phyla|septum septa|serum sera|spectrum spectra|stratum strata|symposium symposia
|archaeon archaea|automaton automata|criterion criteria|ganglion ganglia
|mitochondrion mitochondria|phenomenon phenomena|taxon taxa
|decahedron decahedra|dodecahedron dodecahedra|icosahedron icosahedra|octahedron octahedra
|polyhedron polyhedra|tetrahedron tetrahedra
|anastomosis anastomoses|antithesis antitheses|biopsy biopsies|dialysis dialyses
|electrolysis electrolyses|emphasis emphases|fibrosis fibroses|meiosis meioses
|metaanalysis metaanalyses|mitosis mitoses|necrosis necroses|osteoporosis osteoporoses
|photosynthesis photosyntheses|reanalysis reanalyses|sclerosis scleroses|urinalysis urinalyses
|analysis analyses|axis axes|biosynthesis biosyntheses|crisis crises|diagnosis diagnoses
|ellipse ellipses|hydrolysis hydrolyses|hypothesis hypotheses|metamorphosis metamorphoses
|metastasis metastases|neurosis neuroses|oasis oases|paralysis paralyses|parenthesis parentheses
|prognosis prognoses|prosthesis prostheses|psychosis psychoses|stenosis stenoses
|symbiosis symbioses|synopsis synopses|synthesis syntheses|testis testes|thesis theses
|thrombosis thromboses
|calyx calyces|cervix cervices|cicatrix cicatrices|directrix directrices|larynx larynges
|phalanx phalanges|pharynx pharynges
|bureau bureaux|chateau chateaux|plateau plateaux|tableau tableaux
|apex apices|appendix appendices|codex codices|cortex cortices|helix helices|index indices
|matrix matrices|simplex simplices|vertex vertices|vortex vortices
|foramen foramina|lemma lemmata|lumen lumina|schema schemata|stigma stigmata|stoma stomata
|child children|foot feet|goose geese|man men|mouse mice|ox oxen|tooth teeth|woman women
|louse lice|leaf leaves|loaf loaves|dwarf dwarves|midwife midwives|scarf scarves|sheaf sheaves
|wife wives|cloverleaf cloverleaves
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
# Of these only a phrase varies in its number: local minima and a local minimum, porous media and
# a porous medium, where the singular or plural alone is an adjective, a verb or another word.
NUMBERS_OF_PHRASES = {
    "halves": "half",
    "lives": "life",
    "media": "medium",
    "extrema": "extremum",
    "maxima": "maximum",
    "minima": "minimum",
    "optima": "optimum",
}
# A plural in -oes is that of a word in -o, but for these.
ENDING_IN_OE = frozenset(["aloes", "canoes", "does", "foes", "goes", "shoes", "toes", "horseshoes"])
