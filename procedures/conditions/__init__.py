"""Conditions: rules on earlier champs that show a champ, or that make a dossier ineligible."""

from procedures.conditions.regle import Condition, Ineligibilite, Mode, Operator, Regle

__all__ = ["Condition", "Ineligibilite", "Mode", "Operator", "Regle"]
