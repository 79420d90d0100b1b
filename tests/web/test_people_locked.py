"""Two things at once with one person: nothing undoes a reset, and nobody waits for each other."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.embedding import frame_of, hand_over, make_key, post, token
from tests.support.second_steps import SECRET, code, give_password, is_in, make_device
from tests.support.signing import sign_in
from ticketing.clock import now
from ticketing.extensions import db
from ticketing.jobs import people as accounts
from ticketing.jobs import second_factor
from ticketing.models import User
from ticketing.rules.refusals import Conflict

pytestmark = pytest.mark.both_databases
NEW = "given by an administrator"
PAIRS = 6


def reset(app, person):
    with app.app_context():
        accounts.reset_password(db.session.get(User, person.id), NEW, now())


@pytest.fixture
def meanwhile(monkeypatch):
    """`meanwhile(act)`: while the next password is being looked at, `act()` is done elsewhere."""

    def arm(act):
        real = User.check_password

        def look(user, password):
            right = real(user, password)
            monkeypatch.setattr(User, "check_password", real)
            worker = threading.Thread(target=act)
            worker.start()
            worker.join(30)
            return right

        monkeypatch.setattr(User, "check_password", look)

    return arm


@pytest.mark.parametrize("path", ["/profile", "/profile/second-factor/device"])
def test_whoever_stole_a_password_does_not_undo_its_reset(app, ann, meanwhile, path):
    thief = sign_in(app.test_client(), ann)
    meanwhile(lambda: reset(app, ann))
    fields = {"current": SECRET, "new": "the thief's own one", "again": "the thief's own one"}
    answer = thief.post(path, data=fields)
    assert (answer.status_code, "You were signed out meanwhile" in answer.text) == (422, True)
    assert give_password(app.test_client(), password="the thief's own one").status_code == 422
    assert give_password(app.test_client(), password=NEW).status_code == 303


def test_signing_out_everywhere_holds_against_a_change_of_the_password(app, ann, meanwhile):
    thief, owner = (sign_in(app.test_client(), ann) for _ in range(2))
    meanwhile(lambda: owner.post("/profile/sessions/end"))
    thief.post("/profile", data={"current": SECRET, "new": "the thief's own one", "again": "the thief's own one"})
    assert not is_in(thief)
    assert give_password(app.test_client()).status_code == 303


def test_a_sign_in_with_the_old_password_ends_with_its_reset(app, ann, meanwhile):
    thief = app.test_client()
    meanwhile(lambda: reset(app, ann))
    give_password(thief)
    assert not is_in(thief)


@pytest.mark.postgresql_only  # elsewhere a write waits for the one before it
def test_a_code_does_not_help_after_a_reset(app, ann, monkeypatch):
    secret, _codes = make_device(app, _Clock(monkeypatch))
    thief, real = app.test_client(), second_factor.check
    give_password(thief)

    def check(*given):
        worker = threading.Thread(target=reset, args=(app, ann))
        worker.start()
        worker.join(30)
        return real(*given)

    monkeypatch.setattr(second_factor, "check", check)
    thief.post("/sign-in/code", data={"code": code(secret)})
    assert not is_in(thief)


class _Clock:
    """Sets a device up half a minute ago, so that its present code is a new one."""

    def __init__(self, monkeypatch):
        self.monkeypatch = monkeypatch

    def shift(self, _seconds):
        self.monkeypatch.setattr(second_factor, "STEPS_OFF", 3)


def at_once(*acts):
    """What each of these says, begun together, so many times."""
    said = []
    with ThreadPoolExecutor(len(acts)) as crowd:
        for _ in range(PAIRS):
            gate = threading.Barrier(len(acts), timeout=30)
            said += crowd.map(lambda act, gate=gate: (gate.wait(), act())[1], acts)
    return said


def test_two_sign_ins_of_one_person_do_not_wait_for_each_other(app, ann):
    act = lambda: give_password(app.test_client()).status_code  # noqa: E731
    assert at_once(act, act) == [303] * 2 * PAIRS


def test_a_hand_off_and_a_tab_do_not_wait_for_each_other(app, people):
    key = make_key(app)
    frame = frame_of(app, key)

    def into_a_tab():
        return post(frame, "/tab", data={"path": "/"}, headers={"Accept": "application/json"}).status_code

    def hand():
        return hand_over(app.test_client(), token(key)).status_code

    said = at_once(into_a_tab, hand)
    assert set(said) == {200, 303}


def test_a_hand_off_and_a_sign_out_everywhere_do_not_wait_for_each_other(app, people):
    key = make_key(app, adopts=True)
    said = {"sub": "ann", "email": "ann@desk.example"}

    def hand():
        return hand_over(app.test_client(), token(key, **said)).status_code

    def out():
        return sign_in(app.test_client(), people.ada).post(f"/settings/people/{people.ann.id}/sessions").status_code

    assert set(at_once(hand, out)) == {303}


def test_two_panels_do_not_take_the_last_two_administrators_away(app, people):
    one, two = (make_key(app, role_ceiling="administrator", name=name, issuer=name) for name in ("one", "two"))
    for key, sub in ((one, "a"), (two, "b")):
        frame_of(app, key, sub=sub, email=f"{sub}@panel.example", role="administrator")
    with app.app_context():
        db.session.get(User, people.ada.id).active = False
        db.session.commit()

    def demote(key, sub):
        return lambda: (
            hand_over(app.test_client(), token(key, sub=sub, email=f"{sub}@panel.example", role="reporter")).status_code
        )

    at_once(demote(one, "a"), demote(two, "b"))
    with app.app_context():
        assert len(accounts.active_administrators()) == 1


def test_the_last_administrator_with_a_password_stays(app, ann, people):
    """One whom a panel lets in goes with the panel."""
    key = make_key(app, role_ceiling="administrator")
    frame_of(app, key, role="administrator")
    with app.app_context():
        with pytest.raises(Conflict, match="last_administrator"):
            accounts.disable_person(db.session.get(User, people.ada.id), now())
        db.session.rollback()
    assert hand_over(app.test_client(), token(key, role="reporter"), "https://panel.example").status_code == 303
