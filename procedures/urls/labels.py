"""Paths: the labels of a procédure, for its administrateurs and its accompagnateurs."""

from django.urls import path

from procedures.views import labels

_ONE = "administration/procedures/<int:pk>/labels/"

urlpatterns = [
    path(_ONE, labels.label_list, name="label_list"),
    path(f"{_ONE}proposes/", labels.label_suggest, name="label_suggest"),
    path(f"{_ONE}<int:label_pk>/", labels.label_edit, name="label_edit"),
    path(f"{_ONE}<int:label_pk>/deplacer/", labels.label_move, name="label_move"),
    path(f"{_ONE}<int:label_pk>/supprimer/", labels.label_delete, name="label_delete"),
]
