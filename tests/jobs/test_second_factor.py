"""Many tries at once: each is counted, and a code lets in one of them."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pyotp
import pytest

from tests import factories as make
from ticketing.extensions import db
from ticketing.jobs import second_factor
from ticketing.models import SecondFactor, User
from ticketing.rules.refusals import Conflict

AT_ONCE = 8


@pytest.fixture
def ann(app, people):
    """Her account's number, her secret and her codes for paper."""
    with app.app_context():
        user = db.session.get(User, people.ann.id)
        begun = second_factor.begin(user, make.NOW)
        secret = second_factor.secret_of(user, begun, make.NOW)
        codes = second_factor.confirm(user, begun, pyotp.TOTP(secret).at(make.NOW), "", make.NOW)
        db.session.commit()
    return user.id, secret, codes


def at_once(app, act):
    """What `act(user)` says in each of eight transactions that begin together."""
    barrier = Barrier(AT_ONCE)

    def one(_):
        with app.app_context():
            barrier.wait()
            try:
                user = db.session.get(User, 1)
                said = act(user)
                db.session.commit()
            except Conflict as conflict:
                db.session.rollback()
                said = conflict.code
            finally:
                db.session.remove()
            return said

    with ThreadPoolExecutor(AT_ONCE) as crowd:
        return list(crowd.map(one, range(AT_ONCE)))


@pytest.mark.parametrize("paper", [False, True])
def test_one_code_lets_in_once(app, ann, paper):
    number, secret, codes = ann
    later = make.at(2)
    given = codes[0] if paper else pyotp.TOTP(secret).at(later)
    said = at_once(app, lambda _: second_factor.check(db.session.get(User, number), given, later, "ann"))
    assert sorted(said, key=str) == [None] * (AT_ONCE - 1) + ["recovery_code" if paper else "second_factor"]
    with app.app_context():
        assert len(db.session.get(SecondFactor, number).recovery) == 10 - paper


def test_no_more_than_five_wrong_codes_are_looked_at(app, ann):
    number, later = ann[0], make.at(2)

    def guess(_):
        user = db.session.get(User, number)
        if second_factor.check(user, "000000", later, "ann") is None:
            second_factor.note_wrong("ann", later)

    assert at_once(app, guess).count("too_many") == AT_ONCE - 5


def test_two_devices_at_once_are_one(app, people):
    with app.app_context():
        bo = db.session.get(User, people.bo.id)
        begun = second_factor.begin(bo, make.NOW)
        code = pyotp.TOTP(second_factor.secret_of(bo, begun, make.NOW)).at(make.NOW)
        db.session.rollback()

    def confirm(_):
        return len(second_factor.confirm(db.session.get(User, people.bo.id), begun, code, "", make.NOW))

    said = at_once(app, confirm)
    assert sorted(said, key=str) == [10] + ["set_up_already"] * (AT_ONCE - 1)


def test_what_was_begun_is_good_for_its_owner_alone(app, people):
    with app.app_context():
        ann, bo = (db.session.get(User, one.id) for one in (people.ann, people.bo))
        begun = second_factor.begin(ann, make.NOW)
        assert second_factor.secret_of(ann, begun, make.NOW) and second_factor.secret_of(bo, begun, make.NOW) is None
        code = pyotp.TOTP(second_factor.secret_of(ann, begun, make.NOW)).at(make.NOW)
        for other in (begun, "", "nonsense", second_factor.begin(ann, make.NOW)[:-3]):
            with pytest.raises(Conflict, match="not_begun"):
                second_factor.confirm(bo, other, code, "", make.NOW)


def test_what_was_begun_does_not_wait_for_whoever_sits_down_later(app, people):
    with app.app_context():
        ann = db.session.get(User, people.ann.id)
        begun = second_factor.begin(ann, make.NOW)
        assert second_factor.secret_of(ann, begun, make.at(14)) is not None
        code = pyotp.TOTP(second_factor.secret_of(ann, begun, make.NOW)).at(make.at(15))
        assert second_factor.secret_of(ann, begun, make.at(15)) is None
        with pytest.raises(Conflict, match="not_begun"):
            second_factor.confirm(ann, begun, code, "", make.at(15))
