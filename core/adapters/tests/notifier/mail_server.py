"""A mail server for tests: SMTP with STARTTLS, TLS or neither, and with authentication.

mail_server.py MODE [CERTIFICATE KEY]    MODE: starttls, tls or plain

Writes JSON to its standard output, an object a line: first its port, then each mail it takes. Ends with its standard input.
"""

import asyncio
import email
import email.policy
import json
import logging
import ssl
import sys
import threading

from aiosmtpd.smtp import SMTP, AuthResult


def say(thing):
    print(json.dumps(thing), flush=True)


def authenticate(server, session, envelope, mechanism, data):
    is_known = (data.login, data.password) == (b"cron", b"pass word!1")
    return AuthResult(success=is_known, handled=False, auth_data=data.login.decode())


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refused"):
            return "550 5.1.1 nobody of this name"
        if address.startswith("later"):
            return "451 4.3.0 come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        say({
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "user": session.auth_data,
            "tls": session.ssl is not None,
            "headers": [[name.lower(), str(value)] for name, value in mail.items()],
            "parts": {part.get_content_type(): part.get_content() for part in mail.walk() if not part.is_multipart()},
        })
        return "250 taken"


async def main(mode, certificate=None, key=None):
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
    loop = asyncio.get_running_loop()
    is_starttls = mode == "starttls"

    def protocol():
        return SMTP(
            Handler(),
            hostname="localhost",
            loop=loop,
            tls_context=context if is_starttls else None,
            require_starttls=is_starttls,
            authenticator=authenticate,
            auth_required=mode != "plain",
            auth_require_tls=is_starttls,
        )

    server = await loop.create_server(protocol, "127.0.0.1", 0, ssl=context if mode == "tls" else None)
    say({"port": server.sockets[0].getsockname()[1]})
    ended = asyncio.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), loop.call_soon_threadsafe(ended.set)), daemon=True).start()
    await ended.wait()


logging.disable(logging.WARNING)
asyncio.run(main(*sys.argv[1:]))
