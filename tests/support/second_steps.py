"""A second step for tests: who gives a password, a device, and its codes."""

import re
from datetime import timedelta

import pyotp

from ticketing.clock import now
from ticketing.extensions import db
from ticketing.models import User

SECRET = "correct horse battery"


def give_passwords(app, people, *handles):
    """Whom tests.support.signing puts in stays there all the same."""
    with app.app_context():
        for handle in handles:
            user = db.session.get(User, getattr(people, handle).id)
            token = user.session_token
            user.set_password(SECRET)
            user.session_token = token
        db.session.commit()


def give_password(client, who="ann", password=SECRET, path="/sign-in"):
    return client.post(path, data={"email": f"{who}@desk.example", "password": password})


def code(secret, steps=0):
    """What the device shows now, or so many half minutes from now."""
    return pyotp.TOTP(secret).at(now() + timedelta(seconds=30 * steps))


def secret_on(page):
    return re.search(r'device__secret">([A-Z2-7 ]+)<', page)[1].replace(" ", "")


def codes_on(page):
    return re.findall(r"<li>([a-z0-9]{4}(?:-[a-z0-9]{4}){3})</li>", page)


def set_up(client):
    """The secret and the codes for paper, by the profile of whoever is signed in."""
    client.post("/profile/second-factor/device", data={"current": SECRET})
    secret = secret_on(client.get("/profile/second-factor").text)
    codes = codes_on(client.post("/profile/second-factor", data={"code": code(secret)}).text)
    return secret, codes


def make_device(app, clock):
    """Ann's: its secret and ten codes. She is signed out, and the next code is a new one."""
    client = app.test_client()
    give_password(client)
    made = set_up(client)
    client.post("/sign-out")
    clock.shift(61)
    return made


def is_in(client):
    return client.get("/board").status_code == 200
