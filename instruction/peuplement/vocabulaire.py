"""Words out of which people, companies and answers are made; no library, so as to be fast."""

from random import Random


def _split(words: str) -> list[str]:
    return words.split()


PRENOMS = _split(
    """
Amina Antoine Aurélie Benoît Camille Chloé Clément Élodie Émile Fatou François Gaëlle Hélène
Hugo Inès Jérôme Julie Karim Léa Loïc Louise Lucas Maëlle Manon Marcel Mathilde Mehdi Nadia
Noémie Olivier Pauline Pénélope Quentin Raphaël Rémi Salomé Simone Théo Valérie Yann Zoé
"""
)
NOMS = _split(
    """
Barbier Benali Bernard Blanchard Boucher Brunet Caron Chevalier Colin Coste Delmas Denis Diallo
Dubois Dufour Dupont Durand Fabre Faure Fournier Garnier Gérard Girard Guérin Hamel Henry
Lacroix Lambert Lefèvre Legrand Lemoine Leroux Marchand Martin Mercier Meunier Moreau N’Diaye
Noël Olivier Perrin Picard Renaud Rivière Roussel Schmitt Traoré Vasseur Vidal Weber
"""
)
COMMUNES = [
    ("59000", "LILLE"), ("59200", "TOURCOING"), ("75011", "PARIS"), ("69003", "LYON"),
    ("13002", "MARSEILLE"), ("31000", "TOULOUSE"), ("44000", "NANTES"), ("67000", "STRASBOURG"),
    ("33000", "BORDEAUX"), ("35000", "RENNES"), ("97400", "SAINT-DENIS"), ("63000", "CLERMONT-FD"),
]  # fmt: skip
ACTIVITES = [
    ("49.41A", "Transports routiers de fret interurbains"),
    ("43.32A", "Travaux de menuiserie bois et PVC"),
    ("10.71C", "Boulangerie et boulangerie-pâtisserie"),
    ("94.99Z", "Autres organisations fonctionnant par adhésion volontaire"),
    ("62.01Z", "Programmation informatique"),
    ("81.21Z", "Nettoyage courant des bâtiments"),
]
METIERS = _split(
    """
Transports Menuiserie Boulangerie Atelier Garage Librairie Fournil Ferme Studio
"""
)
_WORDS = _split(
    """
aide achat accueil action adhésion animation association atelier bénévole bibliothèque budget
calendrier centre citoyen collège commune compte convention culture département dispositif école
économie emploi énergie enfant équipe équipement espace étude évaluation famille festival
financement formation habitant insertion inventaire jardin jeunesse livre logement lecture
maison matériel médiation mobilité musée numérique objectif orchestre partenaire patrimoine
permanence plan projet public quartier recette rencontre rénovation réseau salarié santé séance
sport stage subvention territoire théâtre transport travaux véhicule vélo ville voisinage
volontaire
"""
)


def sentence(random: Random, length: int) -> str:
    """Return a sentence of `length` words."""
    text = " ".join(random.choices(_WORDS, k=length))
    return f"{text[0].upper()}{text[1:]}."


def siren(random: Random) -> str:
    """Return nine digits whose key is right (Luhn), of no real company: they begin with 000."""
    return _with_key(f"000{random.randrange(10**5):05d}")


def siret(random: Random, siren_number: str) -> str:
    """Return fourteen digits whose key is right."""
    return _with_key(f"{siren_number}{random.randrange(1, 40):04d}")


def _with_key(digits: str) -> str:
    total = 0
    for rank, digit in enumerate(reversed(digits)):
        number = int(digit) * (2 if rank % 2 == 0 else 1)
        total += number - 9 if number > 9 else number
    return f"{digits}{-total % 10}"
