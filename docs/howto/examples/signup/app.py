"""A club that people join by mail: who signs up gets a letter with a link, and is a member once it was followed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Flask, flash, redirect, render_template, request, url_for
from itsdangerous import BadSignature, URLSafeTimedSerializer

from cartero import BadAddress, CarteroError
from cartero.integrations.flask import Cartero
from mimekit import Address, BadValue

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

mail = Cartero()


def create_app(config: dict[str, Any] | None = None) -> Flask:
    """The application; FLASK_SECRET_KEY and FLASK_CARTERO_URL in the environment are its settings."""
    app = Flask(__name__)
    app.config["CARTERO_DEFAULT_SENDER"] = "The club <club@example.org>"
    app.config.from_prefixed_env()
    app.config.update(config or {})
    mail.init_app(app)
    members: set[str] = set()

    @app.get("/")
    def home() -> ResponseReturnValue:
        return render_template("home.html", members=sorted(members))

    @app.post("/")
    def sign_up() -> ResponseReturnValue:
        try:
            address = Address(addr_spec=request.form["address"])
            link = url_for("join", token=signer().dumps(address.addr_spec), _external=True)
            mail.send(mail.compose("mail/welcome", subject="Welcome to the club", to=address, link=link))
        except (BadValue, BadAddress):
            flash("This is no address.")
        except CarteroError:
            app.logger.exception("a letter of welcome was not sent")
            flash("We cannot write to this address now. Try again later.")
        else:
            flash("You have got mail.")
        return redirect(url_for("home"))

    @app.get("/join/<token>")
    def join(token: str) -> ResponseReturnValue:
        try:
            members.add(signer().loads(token, max_age=86_400))
        except BadSignature:
            flash("This link is no longer good. Sign up again.")
        return redirect(url_for("home"))

    def signer() -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(app.secret_key or "", salt="join")

    return app
