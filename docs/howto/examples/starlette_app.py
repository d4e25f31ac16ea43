"""The same in Starlette alone: ``uvicorn starlette_app:app``."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from cartero.aio import connect
from mimekit import MIMEMessage


@asynccontextmanager
async def lifespan(_app: Starlette) -> AsyncIterator[dict[str, Any]]:
    """One sender for the application."""
    async with connect() as sender:
        yield {"sender": sender}


async def report(request: Request) -> PlainTextResponse:
    """Send to us what somebody has to say."""
    message = MIMEMessage()
    message["From"] = message["To"] = "The club <club@example.org>"
    message["Subject"] = "From the web site"
    message.set_content((await request.body()).decode(errors="replace"))
    receipt = await request.state.sender.send(message)
    return PlainTextResponse(receipt.message_id)


app = Starlette(routes=[Route("/report", report, methods=["POST"])], lifespan=lifespan)
