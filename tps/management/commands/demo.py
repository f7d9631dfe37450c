"""Load the demo."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from tps.demo.loader import load_demo


class Command(BaseCommand):
    """`manage.py demo`: refuses to touch a database that holds accounts."""

    help = "Charge les données de démonstration dans une base vide."

    def add_arguments(self, parser):
        parser.add_argument(
            "--if-empty",
            action="store_true",
            help="Ne rien faire, sans erreur, si la base contient déjà des comptes.",
        )

    def handle(self, *args, if_empty: bool, **options):
        if not settings.DEMO:
            raise CommandError("La démonstration ne se charge que si DEMO=1.")
        if User.objects.exists():
            if if_empty:
                return
            raise CommandError("La base contient déjà des comptes : rien n’a été chargé.")
        load_demo()
        self.stdout.write("Données de démonstration chargées.")
