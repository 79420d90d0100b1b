"""What people say to each other around any trouble. {names} are those of world.invent."""

from ticketing.rules.taxonomy import HoldReason, ResolutionCode

MORE = (
    "It is now **{count}** players.",
    "One more example: player `{player}`, {amount} {currency}.",
    "Our campaign mails go out at 16:00, so this is rather urgent for us.",
    "Same on mobile, by the way.",
)
TRIAGE = (
    "Looks like the one of last week, but the error is another one.",
    "Only {brand} so far. I asked the other brands.",
    "No alert fired for this. Worth one?",
    "Dashboard: {percent} % since {minutes} minutes.",
)
NOT_YET = ("Filed under the wrong brand, waiting for the right example", "Two troubles in one, asked to split them")
COLLEAGUE = (
    "could you have a look?",
    "you know this part better.",
    "does this ring a bell?",
    "please read this before the deploy.",
)
ANSWERS = (
    "Yes, had that in March. The runbook has a page on it.",
    "Looking. Give me ten minutes.",
    "That is expected there, look one service further down.",
    "Done, `kubectl rollout restart` was enough for staging.",
    "I would not touch it before the weekend.",
)
BACK = ("Waiting for access to the logs", "Pulled into an outage, back tomorrow", "Needs the export first")
ASKS = (
    "Any news? Our support gets a question every few minutes.",
    "It is calmer now, but not gone.",
    "Can we tell players a time?",
)
PROGRESS = (
    "The change is in review and goes out this afternoon.",
    "Staging looks good. We roll out to {brand} first.",
    "We have a fix and are testing it with {percent} % of the traffic.",
)
PLEASE_CHECK = (
    "This should be mended now. Could you check on your side?",
    "Rolled out ten minutes ago. Please tell us if you see it again.",
    "Figures are back to normal here; we leave this open until you confirm.",
)
STILL = (
    "Still {percent} % of attempts fail",
    "Works on the site, not in the app",
    "Happened again for player {player}",
)
THANKS = ("Confirmed, works again. Thank you!", "Looks good from here.", "Thanks, players are happy. You can close it.")
AGAIN = ("It is back since this morning", "The same again for player {player}", "Works for {brand} only until midnight")
SEEN_AGAIN = (
    "Sorry about that. We have seen it and are on it again.",
    "Seen. The first change helped only half of the traffic, we go on.",
)
MORE_TIME = (
    "Only {brand} is left, players have a way round it",
    "Agreed with {brand}: the rest can wait for tomorrow",
    "The worst is over; what remains is the backlog",
)
QUESTIONS = (
    "Could you send us one more example, with the time and the player?",
    "Which browser and version do they use?",
    "Has anything changed on your side that day?",
)
REPLIES = (
    "Here it is: player `{player}`, {amount} {currency}, a few minutes ago.",
    "Nothing has changed on our side. Another one: `{tx}`.",
    "All on the newest version, site and app alike.",
)
HANDOVER = (
    "@{mate} for your information: I am off until Monday and hand this over.",
    "This is rather yours than mine, all I know is above.",
)
HOLDS = {
    HoldReason.REPORTER: ("Asked for an example", "Waiting for the dates", "Needs a player to try again"),
    HoldReason.PROVIDER: ("{provider} looks into it, case opened", "{payment} answers by tomorrow", "On their side"),
    HoldReason.VENDOR: ("{cdn} has a case open", "Hardware is ordered", "Licence is being renewed"),
    HoldReason.RELEASE_WINDOW: ("Goes out with {release}", "Window on Thursday night", "Freeze until Monday"),
    HoldReason.OTHER: ("Legal wants to read it first",),
}  # fmt: skip
EARLY = {
    ResolutionCode.DUPLICATE: "The same as the linked ticket; we go on there.",
    ResolutionCode.INVALID: "Works as agreed with the brand: nothing is broken here.",
    ResolutionCode.AUTO_RESOLVED: "The figures returned to normal by themselves before anybody acted.",
}
