"""Measure the site under load."""

import contextlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from dossiers.models import Dossier
from instruction.peuplement import create_procedure_of_load, populate, tidy
from procedures.models import Procedure
from tps import embedded
from tps.bench.charge import send_all
from tps.bench.formulaires import SIZES, form_scenarios
from tps.bench.rapport import Line, table_of
from tps.bench.scenarios import NotEnoughDossiers, Scenario, scenarios_of
from tps.bench.serveur import WORKERS, ServerDidNotStart, free_port, running_server

# Both forms hold every type: some types cost a query of their own, whatever their number.
SMALL_DOSSIERS, SMALL_CHAMPS, LARGE_CHAMPS = 1000, 40, 50
SMALL_REQUESTS = 35  # every tab of a list in every order, once
# One dossier in twenty is a brouillon that may be submitted.
DOSSIERS_FOR_A_REQUEST = 30


class Command(BaseCommand):
    """`manage.py bench`: a table of times and queries; ends with 1 when a rule is broken."""

    help = "Mesure TPS sous charge, sur une base privée et peuplée."

    def add_arguments(self, parser):
        parser.add_argument("--dossiers", type=int, default=100_000, help="100 000 par défaut")
        parser.add_argument("--requests", type=int, default=200, help="par mesure (200)")
        parser.add_argument("--threads", type=int, default=4, help="personnes à la fois (4)")
        parser.add_argument(
            "--var", default="", help="dossier de données, gardé et repris ; à défaut, temporaire"
        )

    def handle(self, *args, var: str, **options):
        if os.environ.get("TPS_BENCH") == "1":
            self._measure(options["dossiers"], options["requests"], options["threads"])
            return
        var = var or os.environ.get("TPS_VAR", "")
        with contextlib.ExitStack() as stack:
            folder = var or stack.enter_context(
                tempfile.TemporaryDirectory(prefix="tps-bench-", ignore_cleanup_errors=True)
            )
            sys.exit(_in_private(Path(folder), options))

    def _measure(self, dossiers: int, requests: int, threads: int) -> None:
        if not settings.DEBUG:
            raise CommandError("La mesure démarre ses propres serveurs : lancez-la avec DEBUG=1.")
        call_command("migrate", verbosity=0)
        small = self._procedure(SMALL_DOSSIERS, SMALL_CHAMPS)
        large = self._procedure(dossiers, LARGE_CHAMPS)
        small_scenarios = self._scenarios(small, SMALL_REQUESTS)
        large_scenarios = self._scenarios(large, requests)
        port = free_port()
        self.stdout.write(f"gunicorn, {WORKERS} processus ; {threads} personnes à la fois…")
        try:
            with running_server(port):
                lines = [
                    Line(
                        first.name,
                        send_all(port, first.requests, threads=threads),
                        send_all(port, second.requests, threads=threads),
                    )
                    for first, second in zip(small_scenarios, large_scenarios, strict=True)
                ]
                form_lines = self._measure_forms(port, requests, threads)
        except ServerDidNotStart as error:
            raise CommandError(f"gunicorn n’a pas démarré :\n{error}") from None
        finally:
            connections.close_all()
            embedded.leave()
        self.stdout.write(table_of(form_lines, small=SIZES[0], large="n champs") + "\n\n")
        self._report(lines, form_lines, dossiers)

    def _measure_forms(self, port: int, requests: int, threads: int) -> list[Line]:
        """Measure forms of every size; their queries are compared with the smallest's."""
        measures = [
            [
                (item.name, send_all(port, item.requests, threads=threads))
                for item in form_scenarios(size, max(20, requests // 4))
            ]
            for size in SIZES
        ]
        return [
            Line(name, measures[0][rank][1], measure)
            for of_size in measures
            for rank, (name, measure) in enumerate(of_size)
        ]

    def _report(self, lines: list[Line], form_lines: list[Line], dossiers: int) -> None:
        self.stdout.write(table_of(lines, small=SMALL_DOSSIERS, large=dossiers))
        problems = [problem for line in [*lines, *form_lines] for problem in line.problems]
        if problems:
            raise CommandError("\n".join(problems))

    def _procedure(self, dossiers: int, champs: int) -> Procedure:
        """Return the procédure of that size, made or completed where needed."""
        slug = f"mesure-{dossiers}-{champs}"
        procedure = Procedure.objects.filter(slug=slug).first() or create_procedure_of_load(
            slug, title=f"Mesure : {dossiers} dossiers, {champs} champs", champs=champs
        )
        missing = dossiers - Dossier.objects.for_procedure(procedure).count()
        if missing > 0:
            self._populate(procedure, missing)
        return procedure

    def _scenarios(self, procedure: Procedure, requests: int) -> list[Scenario]:
        """Return what is sent, after adding dossiers when former measures used them up."""
        try:
            return scenarios_of(procedure, requests)
        except NotEnoughDossiers:
            self._populate(procedure, requests * DOSSIERS_FOR_A_REQUEST)
        return scenarios_of(procedure, requests)

    def _populate(self, procedure: Procedure, count: int) -> None:
        self.stdout.write(f"{count} dossiers pour « {procedure} »…")
        seed = Dossier.objects.for_procedure(procedure).count()
        populate(procedure, count, seed=seed)
        tidy()


def _in_private(folder: Path, options: dict) -> int:
    """Measure in a process of its own, whose servers keep their data in `folder`."""
    command = [sys.executable, "manage.py", "bench"]
    for name in ("dossiers", "requests", "threads"):
        command += [f"--{name}", str(options[name])]
    # Empty addresses: whatever database this install uses, the measures never touch it.
    environment = os.environ | {
        "TPS_BENCH": "1",
        "TPS_VAR": str(folder.absolute()),
        "DEBUG": "1",
        "DATABASE_URL": "",
        "REDIS_URL": "",
    }
    return subprocess.run(  # noqa: S603 -- our own interpreter, our own arguments
        command, env=environment, cwd=settings.BASE_DIR, check=False
    ).returncode
