"""Filters that write numbers and days in the reader's language; the work is in `crowdecon.words`."""

from django import template

from crowdecon import words

register = template.Library()

for name in ("number", "compact", "percent", "signed", "duration", "ago", "day", "moment", "period"):
    register.filter(name, getattr(words, name), is_safe=False)
