"""How the fields of a form are rendered: used by the crispy template pack `crispy_dsfr`."""

from django import forms, template
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString

register = template.Library()

_PARTS = "crispy_dsfr/fields"


@register.filter
def field_template(field: BoundField) -> str:
    """Return the template of the pack that renders `field`, by the kind of its widget."""
    widget = field.field.widget
    if field.is_hidden:
        return f"{_PARTS}/hidden.html"
    if isinstance(widget, forms.CheckboxSelectMultiple):
        return f"{_PARTS}/checkboxes.html"
    if isinstance(widget, forms.RadioSelect):
        return f"{_PARTS}/radios.html"
    if isinstance(widget, forms.CheckboxInput):
        return f"{_PARTS}/checkbox.html"
    if hasattr(widget, "linked_labels"):
        return f"{_PARTS}/linked_selects.html"
    if widget.use_fieldset:
        return f"{_PARTS}/fieldset.html"
    return f"{_PARTS}/input.html"


@register.filter
def field_group(field: BoundField) -> str:
    """Return the class of the group of `field`: `fr-input-group`, `fr-select-group`…"""
    widget = field.field.widget
    if isinstance(widget, forms.Select):
        return "fr-select-group"
    if isinstance(widget, forms.FileInput):
        return "fr-upload-group"
    return "fr-input-group"


@register.filter
def field_anchor(field: BoundField) -> str:
    """Return the id of the element that a link of the error summary leads to."""
    if isinstance(field.field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return f"{field.auto_id}_0"
    return field.id_for_label or field.auto_id


@register.filter
def dsfr_widget(field: BoundField) -> SafeString:
    """Render the widget of `field` with its DSFR class beside those it has."""
    widget = field.field.widget
    css = {"fr-select-group": "fr-select", "fr-upload-group": "fr-upload"}.get(
        field_group(field), "fr-input"
    )
    for part in getattr(widget, "widgets", ()):
        part_css = "fr-select" if isinstance(part, forms.Select) else "fr-input"
        part.attrs["class"] = _with_class(part.attrs.get("class", ""), part_css)
    if getattr(widget, "widgets", None) or isinstance(widget, forms.CheckboxInput):
        return field.as_widget()
    return field.as_widget(attrs={"class": _with_class(widget.attrs.get("class", ""), css)})


@register.filter
def swapped_widget(field: BoundField) -> SafeString:
    """Render the widget of `field` for htmx to put in the place of the one it replaces."""
    field.field.widget.attrs["hx-swap-oob"] = "true"
    return dsfr_widget(field)


@register.filter
def autre_part(field: BoundField) -> dict[str, str]:
    """Return the name, id and value of the text beside the options of a choice with « Autre »."""
    widget = field.field.widget
    return {
        "name": widget.autre_name(field.html_name),
        "id": f"{field.auto_id}_autre",
        "value": widget.autre_text(field.value()),
    }


@register.filter
def linked_parts(field: BoundField) -> list[dict[str, str]]:
    """Return the label, the id and the markup of each of two linked selects."""
    widget, parts = field.field.widget, []
    for rank, label in enumerate(widget.linked_labels):
        attrs = {
            "id": f"{field.auto_id}_{rank}",
            "class": "fr-select",
            "aria-describedby": f"{field.auto_id}_error",
        }
        if field.errors:
            attrs["aria-invalid"] = "true"
        html = widget.part(field.html_name, field.value(), rank, attrs)
        parts.append({"label": label, "id": attrs["id"], "html": html})
    return parts


@register.filter
def error_list(form: forms.BaseForm) -> list[dict]:
    """Return the errors of `form` in the order of the page; `anchor` is empty without a field."""
    errors = [{"anchor": "", "label": "", "text": text} for text in form.non_field_errors()]
    for field in form:
        anchor = "" if field.is_hidden else field_anchor(field)
        errors += [{"anchor": anchor, "label": field.label, "text": text} for text in field.errors]
    return errors


@register.filter
def formset_error_list(formset: forms.BaseFormSet) -> list[dict]:
    """Return the errors of a formset and of each of its forms, as `error_list` does."""
    errors = [{"anchor": "", "label": "", "text": text} for text in formset.non_form_errors()]
    for form in formset.forms:
        errors += error_list(form)
    return errors


def _with_class(classes: str, added: str) -> str:
    return classes if added in classes.split() else f"{added} {classes}".strip()
