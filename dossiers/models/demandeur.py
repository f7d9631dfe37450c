"""Who applies, as the pages name them."""


class Demandeur:
    """What a dossier says of who applies, a person or a company, and of who does it for them."""

    @property
    def is_identified(self) -> bool:
        """Tell whether it is known who applies."""
        return self.etablissement_id is not None or bool(self.nom and self.prenom)

    @property
    def is_entreprise(self) -> bool:
        """Tell whether a company applies."""
        return self.etablissement_id is not None

    @property
    def demandeur_name(self) -> str:
        """Return the name of who applies: the company's, else the person's, else the account's.

        Whoever plays the accompagnateur of a test is not one: a name that is not public stays so.
        """
        if self.etablissement is not None:
            return self.etablissement.public_name if self.is_test else self.etablissement.name
        return self.personne_name or self.usager.full_name or self.usager.email

    @property
    def demandeur_public_name(self) -> str:
        """Return the name of who applies as its usager may see it."""
        if self.etablissement is not None:
            return self.etablissement.public_name
        return self.demandeur_name

    @property
    def personne_name(self) -> str:
        """Return « Prénom Nom » of the person who applies, empty when unknown."""
        return f"{self.prenom} {self.nom}".strip()

    @property
    def mandataire_name(self) -> str:
        """Return « Prénom Nom » of who fills it in for somebody else, empty when nobody does."""
        return f"{self.mandataire_prenom} {self.mandataire_nom}".strip()
