"""Settings: teams, categories and the board's columns. People have a module of their own."""

import re

from flask import abort, redirect, render_template, url_for
from sqlalchemy import select

from ticketing.extensions import db
from ticketing.forms.settings import CategoryForm, LimitsForm, TeamForm
from ticketing.forms.texts import TAKEN
from ticketing.models.team import BoardColumn, Category, Team
from ticketing.queries import people
from ticketing.rules.abilities import Permission
from ticketing.rules.taxonomy import OPEN_STATUSES, Priority
from ticketing.web import (
    access,
    settings_audit,
    settings_calendars,
    settings_embedding,
    settings_messages,
    settings_people,
    settings_policies,
    settings_sign_in,
    settings_sla_versions,
    settings_what_if,
)
from ticketing.web.labels import LABELS
from ticketing.web.respond import Toast, keep
from ticketing.web.settings_blueprint import blueprint, team_choices
from ticketing.web.template_helpers import gettext as _

__all__ = [
    "blueprint", "settings_audit", "settings_calendars", "settings_embedding", "settings_messages", "settings_people",
    "settings_policies", "settings_sign_in", "settings_sla_versions", "settings_what_if",
]  # fmt: skip


@blueprint.route("/board", methods=["GET", "POST"])
@access.needs(Permission.MANAGE_BOARD)
def board():
    columns = {column.status: column for column in db.session.scalars(select(BoardColumn))}
    limits = {str(status): columns[status].wip_limit for status in columns}
    form = LimitsForm(data={name: "" if limit is None else str(limit) for name, limit in limits.items()})
    if not form.is_submitted():
        return render_template("settings/board.html", form=form)
    if not form.validate():
        return render_template("settings/board.html", form=form), 422
    for status in OPEN_STATUSES:
        column = columns.get(status)
        if column is None:
            column = BoardColumn(status=status)
            db.session.add(column)
        column.wip_limit = form[str(status)].number
    db.session.commit()
    return _saved("settings.board", _("Limits saved"))


@blueprint.route("/teams", methods=["GET", "POST"])
@access.needs(Permission.ADMINISTER)
def teams():
    """The teams, and the form of a new one."""
    form = TeamForm()
    if form.is_submitted() and form.validate() and _free(form.name, Team):
        db.session.add(Team(name=form.name.data, key=_key_for(form.name.data, Team)))
        db.session.commit()
        return _saved("settings.teams", _("Team %(name)s added", name=form.name.data))
    return render_template("settings/teams.html", form=form, teams=people.teams()), 422 if form.errors else 200


@blueprint.route("/teams/<id:id>", methods=["GET", "POST"])
@access.needs(Permission.ADMINISTER)
def team(id: int):
    row = db.session.get(Team, id) or abort(404)
    form = TeamForm(obj=row)
    if form.is_submitted() and form.validate() and _free(form.name, Team, but=row.id):
        row.name = form.name.data
        db.session.commit()
        return _saved("settings.teams", _("Team saved"))
    return render_template("settings/team.html", form=form, team=row), 422 if form.errors else 200


@blueprint.get("/categories")
@access.needs(Permission.ADMINISTER)
def categories():
    return render_template("settings/categories.html", categories=people.categories())


@blueprint.route("/categories/new", methods=["GET", "POST"])
@access.needs(Permission.ADMINISTER)
def add_category():
    form = CategoryForm(**_category_choices())
    if form.is_submitted() and form.validate() and _free(form.name, Category):
        row = Category(key=_key_for(form.name.data, Category))
        db.session.add(_fill(row, form))
        db.session.commit()
        return _saved("settings.categories", _("Category %(name)s added", name=row.name))
    return render_template("settings/category.html", form=form, category=None), 422 if form.errors else 200


@blueprint.route("/categories/<id:id>", methods=["GET", "POST"])
@access.needs(Permission.ADMINISTER)
def category(id: int):
    row = db.session.get(Category, id) or abort(404)
    values = {"name": row.name, "team": row.team.key, "priority": str(row.priority), "active": row.active}
    form = CategoryForm(data=values, **_category_choices())
    if form.is_submitted() and form.validate() and _free(form.name, Category, but=row.id):
        _fill(row, form)
        db.session.commit()
        return _saved("settings.categories", _("Category saved"))
    return render_template("settings/category.html", form=form, category=row), 422 if form.errors else 200


def _category_choices() -> dict:
    return {"teams": team_choices(), "priorities": LABELS["priority"]}


def _fill(row: Category, form: CategoryForm) -> Category:
    row.name, row.priority, row.active = form.name.data, Priority(form.priority.data), form.active.data
    row.team = db.session.scalar(select(Team).where(Team.key == form.team.data))
    return row


def _free(field, model, but: int | None = None) -> bool:
    """Is this name nobody else's? Capitals make no other name."""
    others = db.session.scalars(select(model.name).where(model.id != (but or 0)))
    if field.data.casefold() not in {name.casefold() for name in others}:
        return True
    field.errors = [*field.errors, TAKEN]
    return False


def _key_for(name: str, model) -> str:
    """A key for addresses and files that never changes, whatever the name becomes."""
    stem = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:30] or model.__tablename__
    taken = set(db.session.scalars(select(model.key).where(model.key.startswith(stem, autoescape=True))))
    key, number = stem, 1
    while key in taken or key == "none":  # "none" is the filter for no category
        number += 1
        key = f"{stem}_{number}"
    return key


def _saved(endpoint: str, title: str):
    keep(Toast(title))
    return redirect(url_for(endpoint), 303)
