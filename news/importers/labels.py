"""What a short line is when it is not a paragraph: caption, heading, section or web page furniture.

Copied pages carry the names of their pictures ("Arrivée EMacron"), their share buttons and their
"read also". A caption here looks like a file name or says that it is one; a heading is a label
that body text follows; what a page says about itself on every page is furniture and goes to the
remainder, where a person sees it.
"""

import re
import unicodedata

from .names import LOWER, PERSON, UPPER, is_person


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _phrases(text: str) -> frozenset[str]:
    return frozenset(" ".join(phrase.split()) for phrase in text.split(";"))


LONGEST_LABEL = 170
"""In characters; the longest sub-heading we met has 130."""
MOST_WORDS_IN_A_LABEL = 24
LONGEST_CAPTION = 400

_EXTENSION = re.compile(
    r"(?i)\.(?:jpe?g|png|gif|webp|avif|tiff?|heic|bmp|psd|raw|cr2|nef)\s*[.)]?\Z"
)
_UNDERSCORE = re.compile(r"[^\W_]_+[^\W_]")
_CAMERA = re.compile(
    r"(?i)\b(?:img|dsc[fn]?|dscn|p10|pict|mvi|dji|gopr|whatsapp image)[ _-]?\d{3,}"
)
_SLUG = re.compile(rf"[a-z0-9{LOWER}]+(?:-[a-z0-9{LOWER}]+){{2,}}\Z")
_GLUED_INITIALS = re.compile(rf"(?<!\w)[{UPPER}]{{2,3}}[{LOWER}]{{3,}}")
_GLUED_WORDS = re.compile(rf"(?<!\w)[{LOWER}]{{4,}}[{UPPER}][{LOWER}]{{2,}}")
_GLUED_TITLE = re.compile(rf"[{UPPER}][{LOWER}]{{3,}}(?:[{UPPER}][{LOWER}]{{3,}})+\d*\Z")
_ACRONYM_WITH_ENDING = re.compile(r"(?:m?[DR]NA|ADN|ARN|[AGCU]TP|TV|PhD|MD|CRISPR|LGB)")
_SAYS_CAPTION = re.compile(
    r"(?i)(?:photos?|photographie|légende|caption|crédits?(?:\s+photos?)?|(?:photo\s+)?credits?|"
    r"image|illustration|figure|fig\.?|visuel|picture)"
    r"\s*(?:\d{1,3}\s*)?[:©–—]\s*\S"
)
_PICTURE_OF = re.compile(r"(?i)(?:photos?|photographies?)\s+(?:de|du|des|of|by|par|with|avec)\b")
_BYLINE = re.compile(
    rf"(?i:by|written\s+by|author|par|rédigé\s+par|auteure?)(?:\s*:)?\s+{PERSON}[^.!?]{{0,80}}\Z"
)
_CREDIT_AT_END = re.compile(
    r"(?i)(?:©|\(c\)|\bcrédits?(?:\s+photos?)?\s*:|\b(?:photo\s+)?credits?\s*:|\bphotos?\s*:"
    r"|\(photos?\s)(?:[^.!?]|(?<=\b[a-zà-ÿ])\.){1,80}\)?\.?\Z"
)

_SHARE = _words(
    """facebook twitter linkedin instagram youtube whatsapp pinterest bluesky mastodon threads
    tiktok viadeo email e-mail mail courriel imprimer print tweet tweeter rss x copy copier lien
    link partager share"""
)
_FURNITURE = _phrases(
    """
    accueil;home;homepage;menu;retour;back;retour à la liste;retour à l'accueil;retour à la page
    d'accueil;retour aux actualités;retour en haut;haut de page;back to top;top;back to list;back to
    news;back to the news;back to home;all news;all the news;toutes les actualités;toutes nos
    actualités;voir toutes les actualités;see all news;view all;voir tout;tout voir;partager;share;
    partager cet article;partager cette page;partager sur;share this;share this article;share this
    page;share on;share via;partagez;suivez-nous;follow us;nous suivre;lire aussi;à lire aussi;lire
    également;à lire également;lire la suite;read also;read more;read next;see also;voir aussi;also
    read;related articles;related news;articles liés;sur le même sujet;dans la même rubrique;à
    découvrir aussi;you may also like;précédent;suivant;previous;next;article précédent;article
    suivant;previous article;next article;actualité précédente;actualité suivante;newsletter;
    s'inscrire à la newsletter;s'abonner;s'inscrire;subscribe;subscribe to our newsletter;sign up;
    inscrivez-vous à notre newsletter;mentions légales;legal notice;plan du site;site map;sitemap;
    cookies;gestion des cookies;accepter;tout accepter;accept all;accept;refuser;politique de
    confidentialité;privacy policy;aller au contenu;aller au contenu principal;skip to content;skip
    to main content;skip to navigation;rechercher;search;fermer;close;faire un don;je fais un don;
    donate;donate now;give;français;english;fr;en;fr en;en fr;fr | en;en | fr;imprimer;print;
    imprimer cette page;print this page;envoyer par e-mail;envoyer par mail;send by e-mail;
    télécharger en pdf;download as pdf;copier le lien;copy link;tous droits réservés;
    all rights reserved;crédits;temps de lecture
    """
)
_FURNITURE_START = re.compile(
    r"(?i)(?:partager\s+sur|share\s+on|suivez-nous\s+sur|follow\s+us\s+on|retour\s+(?:à|aux?)\s+la?\b"
    r"|(?:temps\s+de\s+lecture|reading\s+time)\s*:|\d+\s+min(?:utes?)?\s+(?:read|de\s+lecture))"
)
_BREADCRUMB = re.compile(r"(?i)(?:accueil|home|vous\s+êtes\s+ici|you\s+are\s+here)\s*[>›»/|:]\s*\S")
_READ_ALSO = re.compile(
    r"(?i)(?:à\s+)?(?:lire|voir|découvrir)\s+(?:aussi|également)|(?:read|see)\s+also|also\s+read"
    r"|related\s+(?:articles|news)|articles\s+liés|sur\s+le\s+même\s+sujet"
    r"|dans\s+la\s+même\s+rubrique|you\s+may\s+also\s+like|read\s+next"
)
_LINK_LABEL = re.compile(
    r"(?i)(?:read|discover|download|watch|see|view|find\s+out|learn\s+more|more\s+(?:about|on)|visit"
    r"|listen|click|lire|découvr(?:ir|ez)|télécharge[rz]|voir|regarde[rz]|consulte[rz]|écoute[rz]"
    r"|en\s+savoir\s+plus|pour\s+en\s+savoir\s+plus|visite[rz]|cliquez|accéde[rz])\b"
)
_CONTENT_TYPES = _phrases(
    """
    news;actualité;actualités;press release;press releases;communiqué;communiqué de presse;
    communiqués de presse;press;presse;article;articles;event;events;événement;événements;évènement;
    évènements;agenda;portrait;portraits;interview;interviews;entretien;publication;publications;
    award;awards;prix;visit;visits;visite;visites;dossier;dossier de presse;video;vidéo;podcast;
    brève;brèves;tribune;reportage;media;médias;revue de presse;blog
    """
)
_EDGES = " \t\u00a0\u202f.:;,!?…*|>›»«-–—•·→←↑↓[]()#"


def _bare(line: str) -> str:
    return " ".join(line.strip(_EDGES).lower().replace("’", "'").split())


def is_boilerplate(line: str) -> bool:
    """Tell what stands on every page of a web site: navigation, share buttons, "read also"."""
    if len(line) > 120:
        return False
    bare = _bare(line)
    if not bare:
        return False
    if bare in _FURNITURE or _FURNITURE_START.match(bare) or _BREADCRUMB.match(line.strip()):
        return True
    words = re.findall(r"[^\W_]+(?:-[^\W_]+)*", bare)
    fillers = {"sur", "on", "par", "by", "le", "the", "et", "and", "via", "cet", "article", "this"}
    shares = sum(word in _SHARE for word in words)
    if len(words) == 1:
        return shares == 1 and words[0] not in ("x", "link", "lien", "copy")
    return shares >= 1 and all(word in _SHARE or word in fillers for word in words)


def starts_read_also(line: str) -> bool:
    """Tell the line behind which only titles of other articles follow."""
    return bool(_READ_ALSO.fullmatch(_bare(line)))


def is_link_label(line: str) -> bool:
    """Tell "Download the press kit" from a heading: it asks to be clicked."""
    return is_label(line) and bool(_LINK_LABEL.match(line))


def is_content_type(line: str) -> bool:
    """Tell "Press release", "Actualité": what kind of text follows, not what it is about."""
    return _bare(line) in _CONTENT_TYPES


def is_byline(line: str) -> bool:
    """Tell "By Jane Doe": who wrote the text, not what it says."""
    found = _BYLINE.match(line) if len(line) <= 120 else None
    return bool(found) and is_person(found["person"])


def is_label(line: str) -> bool:
    """Tell a line that is no sentence: short, and not closed as a sentence is."""
    text = line.rstrip()
    if not text or len(text) > LONGEST_LABEL or len(text.split()) > MOST_WORDS_IN_A_LABEL:
        return False
    if not any(character.isalnum() for character in text):
        return False
    if text.endswith(("...", "…", "?", "!")):
        return True
    return not text.endswith((".", ";", ":", ",", "»", "”", '"', ">>"))


def is_section(line: str) -> bool:
    """Tell the category that stands after the date: a few words without punctuation."""
    return (
        is_label(line)
        and len(line) <= 60
        and len(line.split()) <= 6
        and not re.search(r"[.:;,!?…«»“”\"]", line)
        and not is_caption(line)
    )


def looks_like_file_name(line: str) -> bool:
    """Tell the name of a picture's file that a page shows in the place of its caption."""
    text = line.strip()
    words = text.split()
    if not words or len(text) > 120 or len(words) > 10 or "@" in text or "://" in text:
        return False
    if _EXTENSION.search(text) or _CAMERA.search(text):
        return True
    if re.search(r"[.;:!?»”\"]\Z", text):
        return False
    if _UNDERSCORE.search(text):
        return True
    if len(words) == 1 and (_SLUG.match(text) or _GLUED_TITLE.match(text)):
        return True
    if len(words) > 6 or "," in text:
        return False
    return any(
        not _ACRONYM_WITH_ENDING.match(found)
        for found in _GLUED_INITIALS.findall(text) + _GLUED_WORDS.findall(text)
    )


def is_caption(line: str) -> bool:
    """Tell a caption: it looks like a file name, says what it is, or ends with a credit."""
    text = line.strip()
    if not text or len(text) > LONGEST_CAPTION:
        return False
    return bool(
        looks_like_file_name(text)
        or text.startswith("©")
        or _SAYS_CAPTION.match(text)
        or (_PICTURE_OF.match(text) and is_label(text))
        or (_CREDIT_AT_END.search(text[-120:]) and len(text) <= 300)
    )


def caption_key(text: str) -> str:
    """Return what a caption and the file name of its picture have in common.

    "Arrivée EMacron", "arrivee_emacron.JPG" and "Photo : Arrivée EMacron" share one key.
    """
    bare = _EXTENSION.sub("", text.strip())
    bare = re.sub(r"(?i)^(?:photo|légende|caption|image)\s*:\s*", "", bare)
    folded = unicodedata.normalize("NFKD", bare)
    folded = "".join(char for char in folded if not unicodedata.combining(char))
    return "-".join(re.findall(r"[^\W_]+", folded.lower()))
