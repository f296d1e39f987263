# Python 3.11+ and make are all that is needed; everything else is installed into this folder.
.DEFAULT_GOAL = help
PYTHON ?= python3
BOOT = $(PYTHON) crowdecon/embedded/bootstrap.py

.PHONY: help run test exhaustive long faults check bench install install-dev
help:
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):[^#]*## /make \1\t/'

run:  ## everything up on one machine: PORT (8000), CROWDECON_DATA (.data)
	@exec $(BOOT) run

test:  ## the suite on a private database and broker; ARGS="tests/members -q" runs a part
	@exec $(BOOT) test $(ARGS)

exhaustive: install-dev  ## what the suite asks a sample of, asked of everything: every page, everybody's rights, the API by chance
	@LONG=1 exec $(BOOT) test tests -m exhaustive $(ARGS)

long: install-dev  ## what takes minutes: imports at full size, a scenario each
	@LONG=1 exec $(BOOT) test tests -m long -n 0 $(ARGS)

faults: install-dev  ## money under faults, in full, a scenario a run; ARGS="4 6" runs those; what has held is not run again
	@exec $(BOOT) python -m tests.faults $(ARGS)

check: install-dev  ## what CI runs
	@for step in lint format types migrations deploy; do $(MAKE) --no-print-directory check-$$step || exit 1; done
	@$(MAKE) --no-print-directory test
	@$(MAKE) --no-print-directory exhaustive ARGS=

.PHONY: check-lint check-format check-types check-migrations check-deploy
VENV_PYTHON = .venv/bin/python
check-lint:
	@echo "ruff check" && $(VENV_PYTHON) -m ruff check .
check-format:
	@echo "ruff format --check" && $(VENV_PYTHON) -m ruff format --check .
check-types:
	@echo "mypy" && $(VENV_PYTHON) -m mypy .
check-migrations:
	@echo "makemigrations --check" && CROWDECON_DATA=.cache/check $(VENV_PYTHON) -W error manage.py makemigrations --check --dry-run
# Values that only need to have the right form: nothing is connected to.
check-deploy:
	@echo "check --deploy" && env DJANGO_SETTINGS_MODULE=crowdecon.settings.production \
		DATABASE_URL=postgresql://web@db.example/crowdecon REDIS_URL=rediss://redis.example ALLOWED_HOSTS=community.example \
		EMAIL_URL=smtps://mail.example DEFAULT_FROM_EMAIL=no-reply@community.example \
		SECRET_KEY="$$($(VENV_PYTHON) -c 'import secrets; print(secrets.token_urlsafe(60))')" \
		MONEY_KEYS="$$($(VENV_PYTHON) -c 'from crowdecon.embedded import services; print(services.sealing_key())')" \
		$(VENV_PYTHON) -W error manage.py check --deploy --fail-level WARNING

bench: install-dev  ## the comparisons in benchmarks/
	@exec $(BOOT) python -m benchmarks $(ARGS)

install:
	@$(BOOT) install

install-dev:
	@$(BOOT) install-dev
