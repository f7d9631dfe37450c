"""How a champ shows itself in a form: the usager's and the builder's."""

import json

from django import template

from entreprise_api.models import Etablissement
from procedures.champs import Champ

register = template.Library()


@register.simple_tag(takes_context=True)
def render_champ(context, champ: Champ, form, **extra):
    """Render the partial of `champ`, given `champ`, `field` and the context of the page.

    `field` is the bound field of this champ in `form`, None where there is nothing to type.
    `upload_template` in `extra` is what a pièce jointe shows in place of an idle file input.
    """
    field = form[champ.field_name] if champ.field_name in form.fields else None
    partial = context.template.engine.get_template(champ.template_name)
    with context.push(champ=champ, field=field, **extra):
        return partial.render(context)


@register.simple_tag(takes_context=True)
def builder_url(context, name: str, *args) -> str:
    """Return the address of an act of the builder, for the `part` and `procedure` of the page."""
    return context["part"].url(name, context["procedure"], *args)


@register.filter
def json_text(value) -> str:
    """Return `value` as JSON, for an attribute that a script reads: autoescaping quotes it."""
    return json.dumps(value, ensure_ascii=False)


@register.simple_tag
def etablissement_of(champ: Champ, answer) -> Etablissement | None:
    """Return the company that an answer, stored or as it is shown, names; None for none."""
    return champ.etablissement_of(answer)
