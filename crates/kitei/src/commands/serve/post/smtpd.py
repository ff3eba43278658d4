"""A real SMTP server for the tests of sending: STARTTLS is required, mails are written to files as JSON.

smtpd.py CERT KEY DIRECTORY MODE [PORT]   prints its port, then serves until its standard input closes.

MODE: ok | refuse (550 after RCPT) | busy (451 after DATA) | cut (hangs up in the middle of DATA, COUNT times) | lose (takes
the mail and hangs up before saying so, COUNT times). `cut:2` cuts twice and is `ok` from then on.
"""

import asyncio
import json
import ssl
import sys
from email import message_from_bytes, policy
from pathlib import Path

from aiosmtpd.smtp import SMTP

cert, key, directory, mode = sys.argv[1:5]
mode, _, count = mode.partition(":")
left = int(count or 1_000_000)
written = 0


def spend():
    global left
    left -= 1
    return left >= 0


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if mode == "refuse" and spend():
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        global written
        if mode == "busy" and spend():
            return "451 4.3.0 try again later"
        if mode == "cut" and spend():
            server.transport.abort()
            return "451 never read"
        written += 1
        mail = message_from_bytes(envelope.content, policy=policy.default)
        part = mail.get_body(("plain",))
        kept = {
            "to": envelope.rcpt_tos,
            "tls": session.ssl is not None,
            "id": mail["Message-ID"],
            "automatic": mail["Auto-Submitted"],
            "subject": mail["Subject"],
            "text": part.get_content(),
            "files": {file.get_filename(): file.get_content() for file in mail.iter_attachments()},
        }
        (Path(directory) / f"{written:04}.json").write_text(json.dumps(kept))
        if mode == "lose" and spend():
            server.transport.abort()
            return "451 never read"
        return "250 OK"


class CutInData(SMTP):
    """Hangs up while the client still sends, not after it."""

    async def smtp_DATA(self, arg):
        if mode == "cut" and left > 0 and self.session.ssl:
            spend()
            await self.push("354 go on")
            await self._reader.readline()
            self.transport.abort()
            return
        await super().smtp_DATA(arg)


async def main():
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(cert, key)
    loop = asyncio.get_running_loop()
    make = lambda: CutInData(Handler(), tls_context=tls, require_starttls=True, hostname="localhost")
    server = await loop.create_server(make, "127.0.0.1", int(sys.argv[5]) if len(sys.argv) > 5 else 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
