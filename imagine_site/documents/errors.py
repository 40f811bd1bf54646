"""Why a text cannot become a document. The messages are read by editors and importers."""


class DocumentError(ValueError):
    """The source cannot be made a document."""


class DocumentTooLarge(DocumentError):
    """More bytes or more elements than a document may have."""


class DocumentTooDeep(DocumentError):
    """Elements nested deeper than a document may be."""
