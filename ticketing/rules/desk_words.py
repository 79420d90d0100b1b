"""The words of such a desk: which say nothing, which are said all the time, and which mean the same."""

# Say nothing about a trouble.
STOPWORDS = frozenset(
    """a about above after again against all almost already also always am an and another any anyone are around as ask
    asked at away back be became because become been before began begin behind being below between both but by
    call came can cannot could day days did do does doing done down due during each either else end ends enough
    even ever every few first for four from full gave get gets getting give given gives go goes going gone got
    had half has have having he her here him his hour hours how however i if in instead into is it its itself
    just keep keeps kept know known last later least less let like long look looks made make makes many may
    maybe me mean might min minute minutes more morning most much must my near need needs never new next no
    nobody none nor not nothing now of off often on once one ones only or other others our ours out over own per
    please put quite rather really right said same saw say says second seconds see seem seems seen several she
    should show shows side since so some somebody someone something soon still such take taken takes than thank
    thanks that the their them then there these they thing things this those though three through till time
    times to today together told tomorrow too took toward try stay stays stayed twice two under until up upon us
    use used uses using very via wants was way we week weeks well went were what when where which while who whom
    whose why will with within without would yes yesterday yet you your hello hi dear team urgent asap http
    https www com""".split()  # noqa: SIM905
)

# Said all the time on a desk like this: until a desk has words of its own to count, these are known to tell little.
COMMON = frozenset(
    """error player deposit issue problem fail failure work ticket user customer account game payment transaction
    production brand provider report support test bonus bet message page number amount money check response request
    system service trouble wrong incorrect broken complaint contact inform information affect happen receive case
    platform casino online client website site""".split()  # noqa: SIM905
)
RATHER_COMMON = frozenset(
    """payout login timeout pending slow missing balance bank card wallet browser mobile app api live slot spin round
    casino verification document status return open close load start stop change update find""".split()  # noqa: SIM905
)

# Different words for the same: each line is one meaning, and its first word stands for it.
SAME = tuple(
    tuple(line.split())
    for line in """
        payout withdraw withdrawal cashout
        deposit topup
        login signin logon
        slow latency sluggish
        outage unavailable unreachable
        stuck hang freeze frozen hung
        missing disappeared vanished absent
        duplicate double
        declined reject refuse denied
        certificate cert ssl tls
        callback webhook
        kyc verification verify identity
        refund chargeback
        tfa 2fa mfa
        settle settlement
        database db
        cdn edge
        """.strip().splitlines()
)

# Words that together are one.
TOGETHER = {
    "internal server error": "500", "bad gateway": "502", "service unavailable": "503", "gateway timeout": "504",
    "cash out": "cashout", "cashed out": "cashout", "cashes out": "cashout", "top up": "topup", "top ups": "topup",
    "log in": "login", "logs in": "login", "logged in": "login", "logging in": "login", "log on": "login",
    "sign in": "login", "signs in": "login", "signing in": "login", "signed in": "login", "sign ins": "login",
    "time out": "timeout", "times out": "timeout", "timed out": "timeout", "timing out": "timeout",
    "time outs": "timeout", "charge back": "chargeback", "charged back": "chargeback", "charge backs": "chargeback",
    "two factor": "2fa", "free spin": "freespin", "free spins": "freespin", "free round": "freeround",
    "free rounds": "freeround", "web hook": "webhook", "web hooks": "webhook", "call back": "callback",
}  # fmt: skip
