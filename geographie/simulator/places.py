"""Some real communes and addresses, as the real services write them.

Source: Base Adresse Nationale and code officiel géographique, licence ouverte 2.0.
"""

from typing import Any


def _commune(nom: str, code: str, codes_postaux: str, region: str) -> dict[str, Any]:
    departement = code[:3] if code.startswith("97") else code[:2]
    return {
        "nom": nom,
        "code": code,
        "codesPostaux": codes_postaux.split(),
        "codeDepartement": departement,
        "codeRegion": region,
    }


def _adresse(
    number: str, street: str, commune: str, code: str, context: str, lon: float, lat: float
) -> dict[str, Any]:
    code_postal, city = commune.split(" ", 1)
    name = f"{number} {street}".strip()
    properties = {
        "label": f"{name} {commune}",
        "score": 0.95,
        "name": name,
        "postcode": code_postal,
        "city": city,
        "citycode": code,
        "context": context,
        "type": "housenumber" if number else "street",
    }
    if number:
        properties |= {"housenumber": number, "street": street}
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
        "properties": properties,
    }


# By population, as the service gives them with `boost=population`.
COMMUNES = [
    _commune("Paris", "75056", "75001 75002 75003 75004 75005 75006 75007 75008 75116", "11"),
    _commune("Marseille", "13055", "13001 13002 13003", "93"),
    _commune("Lyon", "69123", "69001 69002 69003", "84"),
    _commune("Lille", "59350", "59000 59160 59260 59777 59800", "32"),
    _commune("Saint-Denis", "97411", "97400 97417 97490", "04"),
    _commune("Saint-Denis", "93066", "93200 93210", "11"),
    _commune("Villeurbanne", "69266", "69100", "84"),
    _commune("Créteil", "94028", "94000", "11"),
    _commune("Roubaix", "59512", "59100", "32"),
    _commune("Tourcoing", "59599", "59200", "32"),
    _commune("Dunkerque", "59183", "59140 59240 59279 59640", "32"),
    _commune("Ajaccio", "2A004", "20000 20090 20167", "94"),
    _commune("Denain", "59172", "59220", "32"),
    _commune("Bonneuil-sur-Marne", "94011", "94380", "11"),
    _commune("Lillers", "62516", "62190", "32"),
]
_NORD = "59, Nord, Hauts-de-France"
_MARNE = "94, Val-de-Marne, Île-de-France"
ADRESSES = [
    _adresse("8", "Rue des Sarrazins", "59000 Lille", "59350", _NORD, 3.0506, 50.6259),
    _adresse("12", "Rue Nationale", "59000 Lille", "59350", _NORD, 3.0617, 50.6366),
    _adresse("12bis", "Rue Nationale", "59000 Lille", "59350", _NORD, 3.0616, 50.6366),
    _adresse("", "Rue Nationale", "59000 Lille", "59350", _NORD, 3.0541, 50.6343),
    _adresse("2", "Place de la République", "59000 Lille", "59350", _NORD, 3.0629, 50.6312),
    _adresse("17", "Grand Place", "59100 Roubaix", "59512", _NORD, 3.1746, 50.6917),
    _adresse("20", "Avenue de Ségur", "75007 Paris", "75107", "75, Paris, Île-de-France",
             2.3085, 48.8506),
    _adresse("21", "Avenue du Général de Gaulle", "94000 Créteil", "94028", _MARNE,
             2.4507, 48.7826),
    _adresse("", "Avenue des Coquelicots", "94380 Bonneuil-sur-Marne", "94011", _MARNE,
             2.4897, 48.7702),
    _adresse("5", "Rue de Paris", "97400 Saint-Denis", "97411", "974, La Réunion",
             55.4504, -20.8789),
]  # fmt: skip
