"""The name of a language within a sentence: "English", "anglais"."""

from django.utils.translation import get_language, get_language_info


def language_name(code: str) -> str:
    """In the current language, as its spelling wants it: French writes languages small."""
    name = get_language_info(code)["name_translated"]
    return name.lower() if (get_language() or "").startswith("fr") else name
