"""Notices and reminders by e-mail (电子邮件, SMTP).

That a mail server has taken a mail is receipt only where that server is the one which the platform designated
(`options.receipt: designated_server`; 电子签名法 Art. 11). A mail handed to a relay is sent, not received: the clock
starts when the centre acknowledges, or opens the notice in the portal.
"""

import smtplib
import ssl
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from exchange_hub.core.clock import in_shanghai
from exchange_hub.core.connections import Connection, connection
from exchange_hub.core.errors import ConfigurationError, DeliveryError
from exchange_hub.core.platforms import Channel
from feedback.channels.base import Parcel, Sent, not_delivered
from feedback.render import MEDIA_TYPES

MAX_ATTACHED = 8 * 1024**2  # bytes of all files together; larger ones are left to the portal, the letter always goes
TIMEOUT = 30  # seconds
DESIGNATED = "designated_server"
_LEFT_OUT = (
    "\n附件过大，未随邮件发送，请登录门户下载全部明细。\nThe full list is too large for mail; fetch it in the portal.\n"
)


class EmailChannel:
    """Sends to `options.to` from `options.from` through the connection's server.

    The connection says `secure` for TLS from the start; otherwise STARTTLS is used where the server offers it, and
    always before a password is sent.
    """

    def __init__(self, channel: Channel) -> None:
        for needed in ("to", "from"):
            if not channel.options.get(needed):
                raise ConfigurationError("NO_ADDRESS", "邮件渠道未配置地址", f"an email channel names no `{needed}`")
        self._link = connection(channel.connection or "")
        self._to, self._from = channel.options["to"], channel.options["from"]
        self._designated = channel.options.get("receipt") == DESIGNATED

    def send(self, parcel: Parcel, since: datetime, now: datetime) -> Sent:
        """Hand the mail over; its Message-ID is the parcel's, so that a mail sent again is the same mail.

        Raises:
            DeliveryError: the server does not answer or does not take it.
        """
        message = self._message(parcel, now)
        where = f"smtp://{self._link.host}:{self._link.port}"
        try:
            with _session(self._link) as server:
                answer = _hand_over(server, self._from, self._to, message)
        except (smtplib.SMTPException, OSError) as error:
            raise not_delivered("email", where, error) from error
        evidence = f"{where} message-id {message['Message-ID']}: {answer}"
        return Sent(evidence, now if self._designated else None, "mail")

    def _message(self, parcel: Parcel, now: datetime) -> EmailMessage:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._from, self._to, parcel.subject
        message["Date"] = format_datetime(in_shanghai(now))
        message["Message-ID"] = f"<{parcel.reference}@{self._from.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
        fits = sum(len(file.content) for file in parcel.files) <= MAX_ATTACHED
        message.set_content(parcel.text if fits else parcel.text + _LEFT_OUT)
        for file in parcel.files if fits else parcel.files[:1]:
            kind = MEDIA_TYPES.get(file.name.rsplit(".", 1)[-1], "application/octet-stream").partition(";")[0]
            maintype, _, subtype = kind.partition("/")
            message.add_attachment(file.content, maintype=maintype, subtype=subtype, filename=file.name)
        return message


def _session(link: Connection) -> smtplib.SMTP:
    context = ssl.create_default_context()
    port = link.port or (465 if link.secure else 25)
    if link.secure:
        server: smtplib.SMTP = smtplib.SMTP_SSL(link.host, port, timeout=TIMEOUT, context=context)
    else:
        server = smtplib.SMTP(link.host, port, timeout=TIMEOUT)
        server.ehlo_or_helo_if_needed()
        if server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
        elif link.user:
            server.close()
            raise ConfigurationError(
                "NO_TLS",
                "邮件服务器不支持加密，不发送密码",
                "the mail server offers no TLS: no password is sent",
                link.host,
            )
    if link.user:
        server.login(link.user, link.secret)
    return server


def _hand_over(server: smtplib.SMTP, sender: str, recipient: str, message: EmailMessage) -> str:
    """Send one mail; returns the server's own words, which hold its queue number."""
    server.ehlo_or_helo_if_needed()
    for code, _ in (server.mail(sender), server.rcpt(recipient)):
        if code not in {250, 251}:
            raise _refused(code)
    code, said = server.data(message.as_bytes(policy=SMTP))
    if code != 250:
        raise _refused(code)
    return f"{code} {said.decode('utf-8', 'replace')}"[:300]


def _refused(code: int) -> DeliveryError:
    return DeliveryError("NOT_DELIVERED", f"邮件服务器拒收（{code}）", f"the mail server refused the mail: {code}")
