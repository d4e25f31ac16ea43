"""A web application that sends mail: ``uvicorn fastapi_app:app``, with the URL to send by in $CARTERO_URL."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException, Request

import cartero
from cartero.aio import AsyncSender, connect
from mimekit import Address, MimeError, MIMEMessage


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[dict[str, Any]]:
    """One sender for the application: it keeps its connections while that runs."""
    async with connect() as sender:
        yield {"sender": sender}


app = FastAPI(lifespan=lifespan)


def get_sender(request: Request) -> AsyncSender:
    """The sender, for routes that depend on it."""
    sender: AsyncSender = request.state.sender
    return sender


MailSender = Annotated[AsyncSender, Depends(get_sender)]


def greeting(address: str) -> MIMEMessage:
    """What is sent. Somebody has typed the address, so it may be none."""
    message = MIMEMessage()
    message["From"] = "The club <club@example.org>"
    try:
        message["To"] = Address.parse(address)  # one, and no list of them
    except MimeError as error:
        raise HTTPException(422, str(error)) from error
    message["Subject"] = "Grüße"
    message.set_content("Hello!\n")
    return message


@app.post("/welcome")
async def welcome(address: str, sender: MailSender) -> dict[str, str]:
    """Send while the browser waits: it learns what became of it."""
    try:
        receipt = await sender.send(greeting(address))
    except cartero.BadEnvelope as error:
        raise HTTPException(422, str(error)) from error
    except cartero.CarteroError as error:
        raise HTTPException(503, "The mail did not go; try again later.") from error
    return {"message_id": receipt.message_id}


@app.post("/remind", status_code=202)
async def remind(address: str, sender: MailSender, tasks: BackgroundTasks) -> None:
    """Send when the browser has its answer."""
    tasks.add_task(deliver, sender, greeting(address))


async def deliver(sender: AsyncSender, message: MIMEMessage) -> None:
    """Send *message*; nobody waits for it any more, so what goes wrong belongs in the log."""
    try:
        await sender.send(message)
    except cartero.CarteroError:
        logging.getLogger(__name__).exception("a reminder did not go")
