# `make run` and `make test` are all one needs; `make help` lists the rest.
.DEFAULT_GOAL := help
.PHONY: help run test lint fix bench screenshots clean reset
MAKEFLAGS += --no-print-directory
BIN := .venv/bin
T ?= tests
N ?= 3

# What production would say: settings that name servers which nothing here may call.
PRODUCTION := DEBUG=0 DEMO=0 ALLOWED_HOSTS=tps.exemple.fr \
	SECRET_KEY=clef-de-verification-0123456789-abcdefghijklmnopqrstuvwxyz \
	DATABASE_URL=postgres://personne:rien@base.invalid:5432/tps REDIS_URL=redis://redis.invalid:6379/0

help: ## Dit ce que chaque commande fait
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 20

run: ## Installe et lance TPS (PORT=8000), avec la démonstration
	@scripts/prepare.sh run
	@exec $(BIN)/python -m tps.supervisor

test: ## Lance les tests (T=tests/dossiers pour une partie, N=3 processus)
	@scripts/prepare.sh test
	@exec $(BIN)/pytest -n $(N) --dist loadfile --no-loadscope-reorder $(T)

lint: ## Vérifie style, imports, migrations, réglages de production et gabarits
	@scripts/prepare.sh lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	DEBUG=1 TPS_VAR=var/tests $(BIN)/python manage.py makemigrations --check --dry-run
	$(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(BIN)/djlint templates --check --lint --quiet

fix: ## Corrige ce que les outils savent corriger
	@scripts/prepare.sh lint
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djlint templates --reformat --quiet

bench: ## Mesure les temps de réponse sur beaucoup de dossiers
	@scripts/prepare.sh bench
	@exec env DEBUG=1 TPS_VAR=var/bench $(BIN)/python manage.py bench

screenshots: ## Refait les captures d’écran du README
	@scripts/prepare.sh test
	@exec $(BIN)/python scripts/screenshots.py

clean: ## Efface caches et données de test ; garde .venv et les données
	@rm -rf .pytest_cache .ruff_cache .import_linter_cache staticfiles test-results
	@$(call erase_data,var/tests)
	@$(call erase_data,var/bench)
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

reset: clean ## Efface aussi .venv et toutes les données de démonstration
	@$(call erase_data,var)
	@rm -rf .venv

# In a clone that is private to root, PostgreSQL keeps its data elsewhere, behind a link.
erase_data = if [ -L $(1)/postgres ]; then rm -rf "$$(readlink $(1)/postgres)"; fi; rm -rf $(1)
