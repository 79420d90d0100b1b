"""What each number of the reports means, and how it is worked out: one entry for each, in one place.

Panels, key figures and columns name an entry by its key; the page of the glossary prints them all.
"""

from typing import NamedTuple

from ticketing.web.labels import N_


class Term(NamedTuple):
    """`formula` is empty where the meaning says it all."""

    name: str
    meaning: str
    formula: str = ""


class Section(NamedTuple):
    name: str
    terms: dict[str, Term]


_GENERAL = {
    "period": Term(
        N_("Period"),
        N_("Whole days in the desk’s time zone, both ends included. What happened on a day counts for that day."),
        N_("4 weeks are the last 28 days, 12 weeks the last 84, a year the last 364, today included."),
    ),
    "comparison": Term(
        N_("Compared with the period before"),
        N_("The same number of days right before the period, with the same filters."),
        N_("Difference = this period − the period before; of shares it is given in points of a hundred."),
    ),
    "week": Term(
        N_("Week"),
        N_("Monday to Sunday, by its ISO number. A star marks one that is cut where the period begins or ends."),
    ),
    "filters": Term(
        N_("Team, type, category, priority, person"),
        N_("Those a ticket has now, with all of its past: a ticket that went to another team counts for that team. "
           "A person is the ticket’s owner."),
    ),
    "restricted": Term(
        N_("Restricted tickets"),
        N_("Figures of the past count them for managers alone, so that no number gives one away. What is live counts "
           "those that whoever looks may see."),
    ),
    "counted_at": Term(
        N_("Counted at"),
        N_("Figures of the past are counted by a job every few minutes; this is when it last did. What is called live "
           "is counted when the page is opened."),
    ),
    "median": Term(
        N_("Median"), N_("Half took no longer than this."),
        N_("The middle value; of an even number, the mean of the two in the middle."),
    ),
    "p90": Term(
        N_("Nine in ten (p90)"), N_("Nine of ten took no longer than this; the tenth took longer."),
        N_("The smallest time that at least 90 %% do not exceed."),
    ),
    "mean": Term(
        N_("Mean"), N_("The average. A few very long ones pull it up, so that it stands beside the median."),
        N_("Sum of the times ÷ how many there are."),
    ),
    "total": Term(N_("Total time"), N_("All the times added up.")),
}  # fmt: skip
_FLOW = {
    "created": Term(N_("Created"), N_("Tickets that were filed in the period."), N_("One for each ticket.")),
    "closed": Term(
        N_("Closed"),
        N_("Closings in the period, however they ended. A ticket that is closed, reopened and closed again counts "
           "twice. Its time is that from filing to closing, nights and holds included."),
        N_("One for each move to Closed."),
    ),
    "reopened": Term(
        N_("Reopened"), N_("Closed tickets that were taken up again in the period."),
        N_("One for each move from Closed back to Diagnostics; in an imported history also what was reopened while its "
           "solution was still being checked."),
    ),
    "reassigned": Term(
        N_("Reassigned"), N_("How often a ticket went from one owner to another."),
        N_("One for each change of owner; the first owner is none, and taking an owner away is none."),
    ),
    "reopen_share": Term(
        N_("Reopen rate"), N_("How many closings did not hold."),
        N_("Reopened in the period ÷ closed in the period. Both count by their own day, so that a closing of the "
           "period before may be among those reopened."),
    ),
    "open_at_end": Term(
        N_("Open at the end"), N_("Tickets that were not closed when the period, the week or the day ended."),
        N_("Filed by then and not closed at that moment."),
    ),
    "flow": Term(
        N_("Cumulative flow"),
        N_("How many tickets stood in each status at the end of each day. A band that widens is where work piles up. "
           "The lowest band is what was closed since the period began."),
    ),
    "backlog": Term(
        N_("Backlog age"), N_("The open tickets of this moment by the time since they were filed, on the calendar."),
        N_("Live: now − the moment of filing."),
    ),
}  # fmt: skip
_SLA = {
    "reaction": Term(
        N_("Reaction"),
        N_("From filing until somebody on the desk takes it, answers the reporter or moves it on, in the working time "
           "of its policy."),
    ),
    "resolution": Term(
        N_("Resolution"),
        N_("From filing until closing, in the working time of its policy. Holds and Solution check do not count. "
           "A reopening begins a cycle of its own."),
    ),
    "compliance": Term(
        N_("Compliance"), N_("The share of promises that were kept."),
        N_("Met ÷ (met + breached). A cycle counts on the day it stopped, or on the day it breached while it still "
           "runs."),
    ),
    "met": Term(N_("Met"), N_("Cycles that stopped at their due time or before.")),
    "breached": Term(
        N_("Breached"), N_("Cycles that stopped after their due time, and those that passed it and still run."),
    ),
    "cancelled": Term(
        N_("Cancelled"),
        N_("Cycles that ended without a promise: closed as a duplicate or invalid, or left without a target. "
           "They are left out of compliance."),
    ),
    "self": Term(
        N_("Own"),
        N_("Reactions of staff to what they filed themselves. They took no time and are left out of compliance."),
    ),
    "superseded": Term(
        N_("Taken back"),
        N_("Breaches that a manager’s change of priority, type or category took back. The cycle itself counts by how "
           "it finally ended."),
    ),
}  # fmt: skip
_WORK = {
    "stay": Term(
        N_("Time in status"),
        N_("How long tickets stayed in a status before they left it, nights and holds included. A stay counts on the "
           "day it ended; a ticket that comes back begins a new one."),
    ),
    "bottleneck": Term(
        N_("Bottleneck"), N_("The status in which tickets spent the most time in the period."),
        N_("The status with the largest total time."),
    ),
    "hold": Term(
        N_("Hold reasons"), N_("Holds that ended in the period, by what they waited for, with the time on hold."),
    ),
    "load": Term(
        N_("Load"),
        N_("The open tickets each engineer owns at this moment. Each is counted once: on hold, else breached, at risk "
           "or on track; what has no running clock is on track."),
        N_("Live."),
    ),
    "throughput": Term(
        N_("Throughput"),
        N_("What was filed, closed and reopened in the period among the tickets an engineer owns now, and how their "
           "clocks ended."),
    ),
}  # fmt: skip
_PARTIES = {
    "party": Term(
        N_("Provider, payment system"),
        N_("Whoever a ticket’s detail fields name, in whatever letters and spacing. A ticket that names both counts "
           "for both. Restricted tickets count for managers alone."),
    ),
    "party_tickets": Term(N_("Tickets"), N_("Tickets that name them and were filed in the period. Live.")),
    "incidents": Term(
        N_("Incidents"),
        N_("Tickets that name them and were open at some time in the period, of whatever type; service requests, "
           "duplicates and what was closed as invalid are none. Live."),
    ),
    "open_time": Term(
        N_("Open time"),
        N_("The time in the period in which at least one of their incidents was open, day and night; where several "
           "overlap, it counts once. A closed ticket that came back was not open in between. Live."),
    ),
    "longest_outage": Term(
        N_("Longest outage"), N_("The longest stretch of that open time without a break."),
    ),
    "waited": Term(
        N_("Waited for them"),
        N_("Time on hold with the reason provider, of holds that ended in the period on tickets that name them."),
    ),
}  # fmt: skip
GLOSSARY = {
    "general": Section(N_("How the reports count"), _GENERAL),
    "flow": Section(N_("Coming and going"), _FLOW),
    "sla": Section(N_("SLA"), _SLA),
    "work": Section(N_("Work"), _WORK),
    "parties": Section(N_("Providers and payment systems"), _PARTIES),
}
