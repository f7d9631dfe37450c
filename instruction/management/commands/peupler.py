"""Fill a procédure with many dossiers."""

import secrets
import time

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from instruction.peuplement import create_procedure_of_load, populate, tidy
from procedures.enums import CHAMPS_MAX


class Command(BaseCommand):
    """`manage.py peupler`: a new procédure, and as many dossiers as asked."""

    help = "Crée une procédure et la remplit de dossiers vraisemblables, dans tous les statuts."

    def add_arguments(self, parser):
        parser.add_argument("--dossiers", type=int, required=True, help="nombre de dossiers")
        parser.add_argument("--champs", type=int, default=50, help="éléments du formulaire (50)")
        parser.add_argument(
            "--force", action="store_true", help="accepter de le faire en production"
        )

    def handle(self, *args, dossiers: int, champs: int, force: bool, **options):
        if not settings.DEBUG and not force:
            raise CommandError(
                "Ceci est une production : des dossiers inventés s’y mêleraient aux vrais. "
                "Ajoutez --force si c’est bien ce que vous voulez."
            )
        if dossiers < 1 or not 2 <= champs <= CHAMPS_MAX:
            raise CommandError(f"Il faut au moins un dossier, et de 2 à {CHAMPS_MAX} champs.")
        slug = f"charge-{secrets.token_hex(4)}"
        title = f"Mesure de charge : {dossiers} dossiers, {champs} champs"
        procedure = create_procedure_of_load(slug, title=title, champs=champs)
        start = time.monotonic()
        populate(procedure, dossiers, tell=lambda written: self._tell(written, dossiers, start))
        tidy()
        seconds = time.monotonic() - start
        self.stdout.write(
            f"{dossiers} dossiers en {seconds:.1f} s, {dossiers / seconds:.0f} par seconde : "
            f"{procedure.get_absolute_url()}"
        )

    def _tell(self, written: int, total: int, start: float) -> None:
        rate = written / (time.monotonic() - start)
        self.stdout.write(f"{written} / {total} dossiers, {rate:.0f} par seconde")
