"""The attestation being written, drawn as it will be printed, for an invented dossier."""

import base64
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.conf import settings

from commun.pdf import pdf_to_images
from procedures.attestations import render_attestation, specimen_of
from procedures.balises import Balise
from procedures.courriels import problems_of
from procedures.models import ModeleAttestation

PAGES_MAX = 3
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Preview:
    """The first pages as `data:` images, and what is wrong with the text."""

    problems: list[str]
    pages: list[str] = field(default_factory=list)
    page_count: int = 0
    is_limited: bool = False

    @property
    def is_cut(self) -> bool:
        """Tell whether the attestation goes on after the pages shown."""
        return self.page_count > len(self.pages)


def preview_of(
    modele: ModeleAttestation,
    balises: list[Balise],
    *,
    is_limited: bool,
    images: Mapping[str, bytes | None] | None = None,
    refused: Iterable[str] = (),
) -> Preview:
    """Draw the specimen of a model being typed; `is_limited`: say what is wrong, draw nothing.

    `images` are those just chosen, see `specimen_of`; `refused` says what is wrong with others.
    """
    problems = [*problems_of([modele.title, modele.body], balises), *refused]
    if is_limited:
        return Preview(problems, is_limited=True)
    try:
        specimen = specimen_of(modele, balises, settings.SITE_URL, images)
    except FileNotFoundError:
        logger.exception("Image d’attestation introuvable")
        return Preview([*problems, "Une image est introuvable : retirez-la ou remplacez-la."])
    images, page_count = pdf_to_images(render_attestation(specimen), pages_max=PAGES_MAX)
    pages = [f"data:image/png;base64,{base64.b64encode(image).decode()}" for image in images]
    return Preview(problems, pages, page_count)
