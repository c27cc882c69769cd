"""A summary as one page of HTML: self-contained, no scripts, readable on a phone and on paper.

Critical information stands first; a contradiction shows its sides beside each other, with who said what. Filters are
links and a form of the browser's own. The style sheet is `templates/summaries/page.css`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from html import escape
from urllib.parse import quote, urlencode

from cdr import resources
from cdr.formats.summary import wording as w
from cdr.formats.summary.html_groups import group_html, word
from cdr.formats.summary.timeline import timeline
from cdr.formats.summary.wording import Language
from cdr.reconcile.summary import Section, SectionState, Summary


@dataclass(frozen=True, slots=True)
class Links:
    """Where the links of the page lead: other services by key with their titles, relative to this one."""

    services: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def write_html(summary: Summary, language: Language, links: Links) -> bytes:
    """Return the page, UTF-8; without marks of records that turn the direction of writing of what follows them."""
    return w.DIRECTIONS.sub("", "".join(_page(summary, language, links))).encode()


@cache
def _style() -> str:
    return (resources.folder("templates") / "summaries" / "page.css").read_text(encoding="utf-8")


def _page(summary: Summary, language: Language, links: Links) -> Iterator[str]:
    title = escape(w.of(summary.title, language))
    person = escape(summary.subject or summary.ehr_id)
    yield f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n<link rel="icon" href="data:,">\n'
    yield f"<title>{title} – {person}</title>\n<style>{_style()}</style>\n</head>\n<body>\n"
    yield f'<a class="skip" href="#content">{word("skip", language)}</a>\n'
    yield f'<header><p class="who">{word("identity", language)} <strong>{person}</strong></p>'
    yield f"<h1>{title}</h1>"
    made = w.moment(summary.created, language)
    chosen = escape(_chosen(summary, language))
    yield f'<p class="made">{word("created", language)} {escape(made)}{chosen}</p>'
    yield "</header>\n"
    yield '<main id="content">\n'
    yield _warnings(summary, language)
    critical = [section for section in summary.sections if section.is_critical]
    if critical:
        yield '<section class="critical" aria-labelledby="critical">'
        yield f'<h2 id="critical">{word("critical", language)}</h2>'
        for section in critical:
            yield from _section(section, summary, language, level=3)
        yield "</section>\n"
    yield _filters(summary, language)
    blank = [section for section in summary.sections if not section.is_critical and section.is_blank]
    for section in summary.sections:
        if not section.is_critical and not section.is_blank:
            yield from _section(section, summary, language, level=2)
    picture = timeline(summary, language)
    if picture:
        yield '<section class="time" aria-labelledby="timeline">'
        yield f'<h2 id="timeline">{word("timeline", language)}</h2>'
        yield f'<p class="quiet">{word("timeline_about", language)}</p>{picture}</section>\n'
    yield from _aside(summary, language)
    yield _blank(blank, language)
    yield _sources(summary, language)
    yield "</main>\n"
    yield _footer(summary, language, links)
    yield "</body>\n</html>\n"


def _chosen(summary: Summary, language: Language) -> str:
    parts = []
    asked = summary.asked
    if asked.begin or asked.end:
        parts.append(f"{w.label('period', language)}: {w.day(asked.begin, language)}–{w.day(asked.end, language)}")
    if asked.actor:
        parts.append(f"{w.label('actor', language)}: {asked.actor}")
    return "".join(f" · {part}" for part in parts)


def _warnings(summary: Summary, language: Language) -> str:
    said = []
    if not summary.is_complete:
        said.append(w.label("incomplete", language))
    if summary.reviews_failed:
        said.append(w.label("reviews_failed", language))
    if summary.drafts:
        said.append(f"{w.label('drafts', language)}: {summary.drafts}")
    kind = "missing" if not summary.is_complete else "quiet"
    made = "".join(f"<p>{escape(one)}</p>" for one in said)
    contradicted = [group for group in summary.groups if group.is_contradicted]
    if contradicted:
        items = "".join(f'<li><a href="#{group.key}">{escape(group.title)}</a></li>' for group in contradicted)
        made += f'<p class="about">{word("contradictions", language)}</p><ul class="jump">{items}</ul>'
    return f'<div class="notices {kind}">{made}</div>\n' if made else ""


def _section(section: Section, summary: Summary, language: Language, *, level: int) -> Iterator[str]:
    heading = f"h{level}"
    empty = "" if section.groups else " empty"
    yield f'<section class="part {section.state}{empty}" aria-labelledby="s-{section.key}">'
    yield f'<{heading} id="s-{section.key}">{escape(w.of(section.title, language))}</{heading}>'
    said = w.pick(w.STATE[section.state], language)
    if said:
        failed = not section.state.is_complete
        # A state that is bad news must not look like one that is none.
        kind = "missing" if failed else "quiet"
        role = ' role="alert"' if section.state is SectionState.NOT_AVAILABLE else ""
        yield f'<p class="{kind}"{role}>{escape(said)}</p>'
    for group in section.groups:
        yield group_html(group, summary, language, level=level + 1)
    if section.left_out:
        yield f'<p class="quiet">+ {section.left_out} {word("left_out", language)}</p>'
    yield "</section>\n"


def _blank(sections: list[Section], language: Language) -> str:
    """Return the headings under which nobody recorded anything, in one place, so that they do not bury the others."""
    if not sections:
        return ""
    said = escape(w.pick(w.STATE[SectionState.NOTHING_RECORDED], language))
    items = "".join(f'<li id="s-{one.key}">{escape(w.of(one.title, language))}</li>' for one in sections)
    head = f'<h2 id="blank">{word("nothing", language)}</h2>'
    told = f'<p class="quiet">{said}</p><ul>{items}</ul>'
    return f'<section class="part blank" aria-labelledby="blank">{head}{told}</section>\n'


def _filters(summary: Summary, language: Language) -> str:
    asked = summary.asked
    today = summary.created.date()
    quick = (
        (w.label("last_year", language), (today - timedelta(days=365)).isoformat(), ""),
        (w.label("last_5", language), _years_before(today, 5).isoformat(), ""),
        (w.label("all", language), "", ""),
    )
    links = "".join(
        f'<li><a href="{_address(language, begin=begin, end=end, actor=asked.actor)}"'
        f"{_current((begin, end) == (asked.begin, asked.end))}>{escape(name)}</a></li>"
        for name, begin, end in quick
    )
    options = "".join(
        f'<option value="{escape(name)}"{" selected" if name == asked.actor else ""}>{escape(name)}</option>'
        for name in dict.fromkeys((*summary.actors, *filter(None, (asked.actor,))))
    )
    return (
        f'<nav class="filters" aria-label="{word("period", language)}">'
        f'<ul class="quick">{links}</ul><form method="get" action="">'
        f'<input type="hidden" name="format" value="html"><input type="hidden" name="lang" value="{language}">'
        f'<label>{word("from", language)} <input type="date" name="from" value="{_day(asked.begin)}"></label>'
        f'<label>{word("to", language)} <input type="date" name="to" value="{_day(asked.end)}"></label>'
        f'<label>{word("actor", language)} <select name="actor">'
        f'<option value="">{word("all_actors", language)}</option>{options}</select></label>'
        f'<button type="submit">{word("show", language)}</button></form></nav>\n'
    )


def _current(is_it: bool) -> str:
    return ' aria-current="true"' if is_it else ""


def _day(text: str) -> str:
    return escape(text) if len(text) == 10 else ""


def _years_before(today: date, years: int) -> date:
    return date(today.year - years, today.month, min(today.day, 28))


def _address(language: Language, *, begin: str = "", end: str = "", actor: str = "") -> str:
    given = {"format": "html", "lang": language.value, "from": begin, "to": end, "actor": actor}
    return "?" + escape(urlencode({name: value for name, value in given.items() if value}))


def _aside(summary: Summary, language: Language) -> Iterator[str]:
    for why, those in summary.set_aside.items():
        title = w.label("about_others" if why == "other_subject" else "drafts", language)
        items = "".join(
            f"<li>{escape(one.subject)}: {escape(one.text)} <span class='quiet'>({escape(one.origin.actor)}, "
            f"{escape(w.day(one.origin.recorded, language))})</span></li>"
            for one in those
        )
        yield f'<section class="part"><h2>{escape(title)}</h2><ul>{items}</ul></section>\n'


def _sources(summary: Summary, language: Language) -> str:
    rows = "".join(
        f"<tr><th scope='row'>{escape(one.name)}</th><td>{one.statements}</td>"
        f"<td>{escape(w.day(one.latest, language))}</td></tr>"
        for one in summary.sources
    )
    said = word("sources", language)
    head = f"<tr><th scope='col'>{said}</th><th scope='col'>{word('statements', language)}</th>"
    head += f"<th scope='col'>{word('recorded', language)}</th></tr>"
    table = f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>"
    return f'<section class="part sources"><h2>{said}</h2>{table}</section>\n'


def _footer(summary: Summary, language: Language, links: Links) -> str:
    other = Language.EN if language is Language.NB else Language.NB
    asked = summary.asked
    items = "".join(
        f'<li><a href="{quote(key)}{_address(language)}"{_current(key == summary.service)}>'
        f"{escape(w.of(title, language))}</a></li>"
        for key, title in links.services.items()
    )
    named = word("other_services", language)
    swap = _address(other, begin=asked.begin, end=asked.end, actor=asked.actor)
    return (
        f'<footer><nav aria-label="{named}"><h2>{named}</h2><ul class="quick">{items}</ul></nav>'
        f'<p><a href="{swap}" hreflang="{other}" lang="{other}">{word("language", language)}</a></p>'
        f'<p class="quiet">Kilde · {escape(summary.service)} {escape(summary.version)} · '
        f"{word('where', language)}: {escape(summary.ehr_id)}</p></footer>\n"
    )
