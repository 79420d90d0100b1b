"""One sentence for each panel of the reports: what its figures say, made from the figures."""

from ticketing.rules.report_change import percent
from ticketing.rules.sla import ClockKind
from ticketing.web.labels import LABELS
from ticketing.web.report_words import time_words, week_words, weekday_words
from ticketing.web.template_helpers import ago, gettext, ngettext, number

OLD = ("28d", "older")  # the ages of the backlog above a week


def kept(clocks) -> str:
    """How both clocks did."""
    reaction, resolution = clocks[ClockKind.REACTION], clocks[ClockKind.RESOLUTION]
    if not reaction.counted and not resolution.counted:
        return gettext("No clock came due in this period.")
    if not reaction.counted:
        return gettext("Resolution kept %(share)s of %(n)s.", share=percent(resolution.share),
                       n=number(resolution.counted))  # fmt: skip
    if not resolution.counted:
        return gettext("Reaction kept %(share)s of %(n)s.", share=percent(reaction.share), n=number(reaction.counted))
    return gettext(
        "Reaction kept %(reaction)s of %(n)s promises, resolution %(resolution)s of %(m)s.",
        reaction=percent(reaction.share), n=number(reaction.counted),
        resolution=percent(resolution.share), m=number(resolution.counted),
    )  # fmt: skip


def compliance(report) -> str:
    text = kept(report.headline.clocks)
    weeks = [week for week in report.weeks if week.clocks[ClockKind.RESOLUTION].counted]
    if len(weeks) < 2:
        return text
    worst = min(weeks, key=lambda week: week.clocks[ClockKind.RESOLUTION].share)
    share = worst.clocks[ClockKind.RESOLUTION].share
    if share == 1:
        return f"{text} " + gettext("Every resolution was in time.")
    return f"{text} " + gettext(
        "The weakest week for resolution was %(week)s with %(share)s.",
        week=week_words(worst.start, worst.last).rstrip("*"), share=percent(share),
    )  # fmt: skip


def weeks(report) -> str:
    head = report.headline
    if not head.created and not head.closed:
        return gettext("Nothing was created and nothing closed in this period.")
    text = gettext("%(created)s created, %(closed)s closed:", created=number(head.created), closed=number(head.closed))
    grown = head.created - head.closed
    if grown > 0:
        verdict = ngettext("one more came than went", "%(num)d more came than went", grown)
    elif grown < 0:
        verdict = ngettext("one more went than came", "%(num)d more went than came", -grown)
    else:
        verdict = gettext("as many came as went")
    return f"{text} {verdict}. " + gettext("%(n)s were open at the end.", n=number(head.open_at_end))


def backlog(aged) -> str:
    """`aged` is queries.workload.Backlog."""
    if not aged.total:
        return gettext("Nothing is open.")
    old = sum(one.count for one in aged.ages if one.code in OLD)
    text = ngettext("One ticket is open", "%(num)d tickets are open", aged.total)
    if old:
        text += gettext(", %(n)s for more than 7 days", n=number(old))
    if aged.oldest is None:
        return f"{text}."
    ticket, since = aged.oldest
    return f"{text}. " + gettext("The oldest is T-%(key)d, filed %(time)s.", key=ticket, time=ago(since))


def flow(report) -> str:
    last, still = report.days[-1].date, report.days[-1].open
    if not any(still.values()):
        return gettext("At the end of %(day)s nothing was open.", day=weekday_words(last))
    most = max(still, key=lambda status: still[status])
    return gettext(
        "At the end of %(day)s %(n)s were open, most of them in %(status)s (%(most)s).",
        day=weekday_words(last), n=number(sum(still.values())), status=gettext(LABELS["status"][most]),
        most=number(still[most]),
    )  # fmt: skip


def stays(report) -> str:
    if report.bottleneck is None:
        return gettext("No ticket left a status in this period.")
    spread = report.stays[report.bottleneck]
    return gettext(
        "%(status)s is the bottleneck: half leave it within %(median)s, nine in ten within %(p90)s.",
        status=gettext(LABELS["status"][report.bottleneck]), median=time_words(spread.median_s),
        p90=time_words(spread.p90_s),
    )  # fmt: skip


def reopened(report) -> str:
    head = report.headline
    if not head.closed and not head.reopened:
        return gettext("Nothing was closed and nothing reopened in this period.")
    if not head.reopened:
        return gettext("None of %(closed)s closings was taken back.", closed=number(head.closed))
    text = ngettext("One ticket was reopened", "%(num)d tickets were reopened", head.reopened)
    if head.reopen_share is None:
        return f"{text}."
    return gettext("%(reopened)s, against %(closed)s closings: %(share)s.", reopened=text, closed=number(head.closed),
                   share=percent(head.reopen_share))  # fmt: skip


def load(loads) -> str:
    total = sum(one.open for one in loads)
    if not total:
        return gettext("Nothing is open.")
    owned = [one for one in loads if one.owner_id is not None and one.open]
    text = gettext("%(owned)s of %(total)s open tickets have an owner", owned=number(sum(one.open for one in owned)),
                   total=number(total))  # fmt: skip
    if not owned:
        return f"{text}."
    most = max(one.open for one in owned)
    names = [one.name for one in owned if one.open == most]
    if len(names) > 1:
        return f"{text}; " + gettext("%(count)d people have most (%(n)s each).", count=len(names), n=number(most))
    return f"{text}; " + gettext("%(name)s has most (%(n)s).", name=names[0], n=number(most))


def throughput(report) -> str:
    closing = [one for one in report.owners if one.closed and one.id]
    if not closing:
        return gettext("Nobody closed a ticket in this period.")
    most = max(closing, key=lambda one: one.closed)
    return ngettext("One engineer closed tickets", "%(num)d engineers closed tickets", len(closing)) + "; " + gettext(
        "%(name)s most (%(n)s).", name=most.name, n=number(most.closed)
    )  # fmt: skip


def holds(report) -> str:
    found = {reason: spread for reason, spread in report.holds.items() if spread.count}
    if not found:
        return gettext("No hold ended in this period.")
    longest = max(found, key=lambda reason: found[reason].total_s)
    return gettext(
        "Most time on hold: %(reason)s, %(total)s in %(n)s holds.", reason=gettext(LABELS["hold_reason"][longest]),
        total=time_words(found[longest].total_s), n=number(found[longest].count),
    )  # fmt: skip


def weakest(clocks_of: dict, words: dict) -> str:
    """Of groups, the one whose resolution was kept least."""
    counted = {one: clocks[ClockKind.RESOLUTION] for one, clocks in clocks_of.items()
               if clocks[ClockKind.RESOLUTION].counted and one in words}  # fmt: skip
    if not counted:
        return gettext("No resolution came due in this period.")
    worst = min(counted, key=lambda one: (counted[one].share, -counted[one].counted))
    if counted[worst].share == 1:
        return gettext("Every resolution was in time.")
    return gettext("%(group)s kept least of its resolutions: %(share)s of %(n)s.", group=words[worst],
                   share=percent(counted[worst].share), n=number(counted[worst].counted))  # fmt: skip
