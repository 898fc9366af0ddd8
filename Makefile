# Everything a newcomer or a contributor types. `make` alone prints the help below,
# made from the `##` after each target.

PORT ?= 8000
VENV := .venv
PY := $(VENV)/bin/python

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test lint check guards rehearse pictures bench drill fidelity hostile webhooks journals attack clocks campaign growth trouble matching relevance fuzz messages lock clean

help: ## This list
	@echo "Offprint: new research papers, matched to your topics, in one daily email."
	@echo
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-18s%s\n", $$1, $$2}'
	@echo
	@echo "Needs Python 3.11 to 3.14, git and make; PYTHON=/path/to/python chooses one."

run: $(VENV)/run.stamp ## The whole service on this machine: http://localhost:8000 (PORT=8123 for another)
	@exec $(PY) manage.py run --port $(PORT)

test: $(VENV)/dev.stamp ## All tests: on SQLite, then on a real PostgreSQL and Redis (ARGS="-k word" for some)
	@exec $(PY) scripts/run_tests.py $(ARGS)

thorough: $(VENV)/dev.stamp ## What `make test` leaves out: pages and commands on SQLite too, and other ways to see the same
	@exec $(PY) scripts/run_tests.py --thorough $(ARGS)

lint: $(VENV)/dev.stamp ## Style, types, templates, scripts, migrations and the order of imports, in seconds
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m djlint --lint --quiet --extension html templates
	$(PY) -m djlint --lint --quiet --extension mjml templates
	$(VENV)/bin/oxlint --quiet --deny-warnings static
	$(PY) manage.py makemigrations --check --dry-run
	$(PY) -m pytest -q tests/test_architecture.py
	$(PY) -m mypy --strict .

check: lint ## What a change must pass: lint, all tests, and at least 95 % of the branches covered
	$(PY) scripts/run_tests.py --fail-under 95 $(ARGS)

guards: $(VENV)/dev.stamp ## Take every guard of a promise away, one at a time, and see its tests fail (ARGS="1 4" for some promises)
	@exec $(PY) scripts/with_services.py $(PY) -m tests.without_guards $(ARGS)

rehearse: $(VENV)/run.stamp ## The sample's days for twenty readers in a database of their own (ARGS="--first 2026-04-17 --days 12" asks your sources)
	@VAR_DIR=$$(mktemp -d) && export VAR_DIR && $(PY) manage.py migrate -v0 && exec $(PY) manage.py rehearse $(ARGS)

pictures: $(VENV)/dev.stamp ## Make the pictures of pages and mails again (ARGS="today mails/" for some)
	$(PY) scripts/share_image.py
	@exec $(PY) scripts/pictures.py $(ARGS)

fidelity: $(VENV)/dev.stamp ## Compare what readers see with what captured sources say (OFFPRINT_REAL=folder)
	@exec $(PY) -m pytest -q tests/campaigns/fidelity.py

bench: $(VENV)/dev.stamp ## How fast every stage and page is, beside a plain loop, and how that grows (QUICK=1 for minutes)
	@exec $(PY) scripts/with_services.py $(PY) -m bench

drill: $(VENV)/dev.stamp ## A backup comes back amid an edition of 1,000: who is mailed twice, who never (READERS=200)
	@exec $(PY) scripts/with_services.py $(PY) -m tests.restore_drill

hostile: $(VENV)/dev.stamp ## Send the feed parser's own test corpus, its attacks too, through mail and pages
	@exec $(PY) -m pytest -q tests/campaigns/hostile.py

webhooks: $(VENV)/dev.stamp ## Post hundreds of made reports of each email provider, and see what they change (EVENTS=500)
	@exec $(PY) -m pytest -q tests/campaigns/webhooks.py

journals: $(VENV)/dev.stamp ## Replay twenty made journals for fourteen days to the mails: who gets a paper twice, or never (SEED=2 DAYS=14)
	@exec $(PY) -m pytest -q tests/campaigns/journals/replay.py

campaign: $(VENV)/dev.stamp ## Deliver under fire: workers killed, servers restarted, a provider that misbehaves (MAILS= SEED= PROVIDERS= EVERY=)
	@exec $(PY) -m tests.campaigns.delivery

growth: $(VENV)/dev.stamp ## How delivery grows with workers, and how evenly it keeps a provider's pace (MAILS= STEADY=)
	@$(PY) -m tests.campaigns.delivery.growth growth && exec $(PY) -m tests.campaigns.delivery.growth steady

attack: $(VENV)/dev.stamp ## Attack a site on loopback as a stranger would: what its costliest pages cost, and who waits (ARGS="--papers 3000")
	@exec $(PY) scripts/with_services.py $(PY) -m tests.campaigns.attack $(ARGS)

trouble: $(VENV)/dev.stamp ## How many mails leave on time while providers and sources trickle, hang and refuse (SECONDS=600 a phase)
	@exec $(PY) -m tests.campaigns.delivery.trouble

clocks: $(VENV)/dev.stamp ## Set the clock while workers send, forward a day and back 2 h: 0 twice, 0 stuck, 0 expired early (SEED=2)
	@exec $(PY) -m pytest -q tests/campaigns/clocks.py

matching: $(VENV)/dev.stamp ## What matching costs, beside PostgreSQL's own stored queries (ARGS="--topics 1000000 --stored 1000")
	@exec $(PY) scripts/with_services.py $(PY) -m tests.campaigns.matching $(ARGS)

relevance: $(VENV)/dev.stamp ## What topics find and digests take beside BM25, on papers with their authors' keywords (OFFPRINT_REAL=folder)
	@exec $(PY) -m bench.relevance $(ARGS)

fuzz: $(VENV)/dev.stamp ## Every property test, and the API, with many more examples (FUZZ_EXAMPLES=, FUZZ_SEED=)
	@export FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-3000} FUZZ_SEED=$${FUZZ_SEED:-$$(date +%s)}; \
	again="The same again: make fuzz FUZZ_EXAMPLES=$$FUZZ_EXAMPLES FUZZ_SEED=$$FUZZ_SEED"; echo "$$again"; \
	$(PY) -m pytest -q -n auto -m hypothesis --hypothesis-seed=$$FUZZ_SEED $(ARGS) || { echo "$$again"; exit 1; }

messages: $(VENV)/dev.stamp ## Write what people read into locale/ for translators (needs gettext)
	$(PY) manage.py makemessages --all --no-obsolete --add-location file -e html,txt,py,mjml,xml \
	  -i .venv -i "bench/*" -i "docs/*" -i "scripts/*" -i "tests/*" -i "var/*"

lock: ## Write the three requirements*.txt from pyproject.toml (ARGS=--upgrade for newer releases)
	@sh scripts/lock.sh $(ARGS)

clean: ## Remove .venv and everything made by tools; var/ with your data stays
	rm -rf $(VENV) .coverage .coverage.* htmlcov .mypy_cache .ruff_cache .pytest_cache .hypothesis staticfiles
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The interpreter vanishes when the system's Python is replaced; then .venv is made again.
$(PY):
	@sh scripts/make_venv.sh $(VENV)

$(VENV)/run.stamp: requirements.txt $(PY)
	@sh scripts/install.sh $(PY) requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt $(VENV)/run.stamp
	@sh scripts/install.sh $(PY) requirements-dev.txt
	@touch $@
