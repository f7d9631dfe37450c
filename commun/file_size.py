"""How heavy a file is, in words."""

KILO = 1024  # as our own limits, and the computers of most people, count


def file_size(size_bytes: int) -> str:
    """Write a size as the French know it: `45 octets`, `2,2 Ko`, `50 Mo`."""
    if size_bytes < KILO:
        return f"{size_bytes}\xa0octet{'s' if size_bytes > 1 else ''}"
    size, unit = size_bytes / KILO, "Ko"
    if round(size, 1) >= KILO:
        size, unit = size / KILO, "Mo"
    return f"{size:.1f}".removesuffix(".0").replace(".", ",") + f"\xa0{unit}"
