"""Lengths of working time on the command line: minutes and hours, never days."""


def minutes_and_hours(seconds: int) -> str:
    """ "40 min", "4 h", "4 h 30 min"; seconds only where there is no whole minute."""
    sign, seconds = ("-" if seconds < 0 else ""), abs(seconds)
    if seconds < 60:
        return f"{sign}{seconds} s" if seconds else "0 min"
    hours, minutes = divmod(seconds // 60, 60)
    parts = [f"{hours} h"] * bool(hours) + [f"{minutes} min"] * bool(minutes)
    return sign + " ".join(parts)
