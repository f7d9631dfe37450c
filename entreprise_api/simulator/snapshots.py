"""What a look-up of an invented company gives, without any call: for demo data and tests."""

import json
from typing import Any

from django.utils import timezone

from entreprise_api import answers
from entreprise_api.enums import CapitalState, LookupState
from entreprise_api.models import Etablissement
from entreprise_api.simulator.companies import COMPANIES


def build_snapshot(siret: str, **attributes: Any) -> Etablissement:
    """Return an unsaved complete `Etablissement` of a company of the simulator."""
    company = COMPANIES[siret]
    # Through JSON, as the client reads it: decimals are exact there.
    insee = answers.parse(_json({"data": company["data"]}))
    fields = answers.read_etablissement(insee) | {"capital_state": CapitalState.INCONNU}
    if company["extrait"]:
        fields |= answers.read_capital(answers.parse(_json({"data": company["extrait"]})))
        if fields["capital_social"] is not None:
            fields["capital_state"] = CapitalState.CONNU
    known = {
        "siret": siret,
        "state": LookupState.COMPLET,
        "fetched_at": timezone.now(),
        "next_attempt_at": None,
        "purpose": "démonstration",
    }
    return Etablissement(**known | fields | attributes)


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value).encode()
