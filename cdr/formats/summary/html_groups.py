"""One group as HTML: its title and state, the contradictions with their sides, and every statement with its source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape

from cdr.formats.summary import wording as w
from cdr.formats.summary.wording import Language
from cdr.reconcile import Flag, FlagCode, Group, Outcome, Review, Statement
from cdr.reconcile.summary import Summary

# Flags between groups: each group shows the other side, since it is one itself.
_ACROSS = frozenset((FlagCode.PRESENT_AND_NONE_KNOWN, FlagCode.FITS_SEVERAL, FlagCode.DIFFERENT_SIDE))


def word(name: str, language: Language) -> str:
    """Return a label of the page as HTML."""
    return escape(w.label(name, language))


def group_html(group: Group, summary: Summary, language: Language, *, level: int) -> str:
    """Return a group as an article; its heading is of the given level."""
    kind = " contradicted" if group.is_contradicted else ""
    state = w.state_of(group, language)
    chip = f' <span class="state s-{group.state or "conflicting"}">{escape(state)}</span>' if state else ""
    parts = [f'<article class="group{kind}" id="{group.key}"><h{level}>{escape(group.title)}{chip}</h{level}>']
    parts.extend(
        _against(flag, group, summary, language) if flag.code in _ACROSS else _flag(flag, summary, language)
        for flag in group.flags
    )
    parts.append('<ul class="said">')
    parts.extend(_statement(one, group, summary, language) for one in group.statements)
    parts.append("</ul>")
    if group.copies:
        parts.append(f'<p class="quiet">{word("duplicate", language)}</p>')
    parts.extend(
        _review(one, language) for one in group.reviews if one.outcome is not Outcome.NOT_REVIEWED or one.comment
    )
    parts.append("</article>")
    return "".join(parts)


def _against(flag: Flag, group: Group, summary: Summary, language: Language) -> str:
    """Return a flag between groups as this group needs it: what the others say, and who."""
    own = {one.id for one in group.statements}
    opposite = {id_ for side in flag.sides if not own.intersection(side) for id_ in side}
    others = [(one, other) for other in summary.groups for one in other.statements if one.id in opposite]
    said = "".join(
        f'<li><a href="#{other.key}">{escape(one.text)}</a> {escape(_who(one, language))}</li>' for one, other in others
    )
    is_one = flag.code.is_contradiction
    kind = "contradiction" if is_one else "note"
    head = f"<p><strong>{word(kind, language)}.</strong> {escape(w.pick(w.FLAG[flag.code], language))}:</p>"
    return f'<div class="{kind}">{head}<ul class="others">{said}</ul></div>' if said else _flag(flag, summary, language)


def _flag(flag: Flag, summary: Summary, language: Language) -> str:
    is_one = flag.code.is_contradiction
    word = w.label("contradiction" if is_one else "note", language)
    said = w.pick(w.FLAG[flag.code], language)
    statements = {one.id: (one, group) for group in summary.groups for one in group.statements}
    reviews = {one.id: one for group in summary.groups for one in group.reviews}
    columns = []
    for side in flag.sides:
        lines = [_side_line(id_, flag, statements, reviews, language) for id_ in side]
        if lines:
            columns.append(f"<li>{'<br>'.join(dict.fromkeys(lines))}</li>")
    sides = f'<ul class="sides">{"".join(columns)}</ul>' if len(columns) > 1 else ""
    kind = "contradiction" if is_one else "note"
    return f'<div class="{kind}"><p><strong>{escape(word)}.</strong> {escape(said)}</p>{sides}</div>'


def _side_line(
    id_: str,
    flag: Flag,
    statements: Mapping[str, tuple[Statement, Group]],
    reviews: Mapping[str, Review],
    language: Language,
) -> str:
    """Return what one account says in the matter of a flag, and whose it is."""
    if id_ in reviews:
        review = reviews[id_]
        said = w.pick(w.OUTCOME[review.outcome], language)
        return f"<b>{escape(said)}</b> {escape(review.by)}, {escape(w.day(review.time, language))}"
    if id_ not in statements:
        return escape(id_)
    one, group = statements[id_]
    origin = ", ".join(filter(None, (one.origin.actor, w.day(one.origin.recorded, language))))
    return f"<b>{escape(_in_question(one, group, flag.code, language))}</b> {escape(origin)}"


def _in_question(one: Statement, group: Group, code: FlagCode, language: Language) -> str:
    match code:
        case FlagCode.DIFFERENT_ONSET:
            return w.day(one.onset, language)
        case FlagCode.DIFFERENT_END:
            return w.day(one.end, language)
        case FlagCode.DIFFERENT_AMOUNT:
            return w.amount(one, language)
        case FlagCode.DIFFERENT_SIDE:
            return w.side(one, language)
        case FlagCode.DIFFERENT_CRITICALITY:
            return next((each.text for each in one.details if each.key == "criticality"), one.criticality)
        case FlagCode.ACTIVE_AND_RESOLVED | FlagCode.ACTIVE_AND_SUSPENDED | FlagCode.HELD_AND_REFUTED:
            return w.pick(w.STATUS[group.states[one.id]], language)
        case FlagCode.DONE_AND_NOT_DONE | FlagCode.EVENTS_DISAGREE:
            return w.pick(w.STATUS[one.status], language)
        case FlagCode.TWO_ACTIVE_DECISIONS:
            return ", ".join(filter(None, (one.decision, w.course(one, language), w.amount(one, language))))
    return one.text


def _who(one: Statement, language: Language) -> str:
    return ", ".join(filter(None, (w.side(one, language), one.origin.actor, w.day(one.origin.recorded, language))))


def _statement(one: Statement, group: Group, summary: Summary, language: Language) -> str:
    lead = [w.course(one, language), w.side(one, language), w.amount(one, language)]
    if group.state is None or group.states[one.id] is not group.state:
        lead.insert(0, w.pick(w.STATUS[group.states[one.id]], language) if one.status.value != "unknown" else "")
    name = w.of(summary.names.get(one.entry, {}), language)
    text = one.text if one.text != group.title or len(group.statements) > 1 else ""
    if text in (name, group.title):
        text = ""
    first = " · ".join(escape(part) for part in (text, *lead) if part)
    details = "".join(
        f"<div><dt>{escape(w.of(each.label, language))}</dt><dd>{escape(each.text)}</dd></div>"
        for each in one.details
        if each.text not in (one.text, group.title)
    )
    made = f"<p>{first}</p>" if first else ""
    made += f"<dl>{details}</dl>" if details else ""
    return f'<li>{made}<p class="source">{"".join(_source(one, group, summary, language))}</p></li>'


def _source(one: Statement, group: Group, summary: Summary, language: Language) -> Iterator[str]:
    """Yield who said it, when, in which version, under which code, and what reviews said of it."""
    origin = one.origin
    who = " · ".join(filter(None, (origin.facility or origin.system, origin.composer)))
    yield f'<span class="by">{escape(who)}</span>'
    if origin.recorded:
        yield f" · {word('recorded', language)} <time datetime='{escape(origin.recorded)}'>"
        yield f"{escape(w.day(origin.recorded, language))}</time>"
    if origin.version:
        version = f"{word('version', language).lower()} {escape(origin.version)}"
        yield f' · <span title="{escape(one.id)}">{version}</span>'
    for code in one.codes:
        yield f" · {escape(summary.systems.get(code.system, code.system))} {escape(code.code)}"
    if origin.national_source:
        yield f" · {word('national', language)} {escape(origin.national_source)}"
    outcome = w.outcome_of(one, group)
    yield f' · <span class="outcome o-{outcome}">{escape(w.pick(w.OUTCOME[outcome], language))}</span>'


def _review(review: Review, language: Language) -> str:
    who = ", ".join(filter(None, (review.by, review.role, w.day(review.time, language))))
    said = w.pick(w.OUTCOME[review.outcome], language)
    comment = f" – {escape(review.comment)}" if review.comment else ""
    return (
        f'<p class="review o-{review.outcome}"><strong>{word("review", language)}: {escape(said)}</strong>'
        f"{comment} <span class='quiet'>({escape(who)})</span></p>"
    )
