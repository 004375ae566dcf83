"""Documents from before the toolkit → their text as clauses, to search and to compare."""

from publisher.intake.draft import Extracted
from publisher.intake.formats import FORMATS, extract, format_of, kept_as, policy_of

__all__ = ["FORMATS", "Extracted", "extract", "format_of", "kept_as", "policy_of"]
