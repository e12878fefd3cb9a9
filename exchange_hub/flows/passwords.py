"""Passwords: what they must be, their hashes (argon2id), passwords for the first sign-in."""

import secrets
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from exchange_hub.core.errors import UsageError

SHORTEST, LONGEST = 12, 128  # characters
CLASSES = 3  # of: lower case, upper case, digits, others
KEPT = 5  # the newest passwords that may not be used again
_HASHER = PasswordHasher()
_FEW = threading.Semaphore(2)  # a hash takes 64 MiB: many sign-ins at once must not eat the memory
_NOBODY = _HASHER.hash(secrets.token_urlsafe(16))
_COMMON = ("password", "admin", "qwerty", "123456", "abc123", "111111", "henan", "ggzy", "zhengzhou")


def must_be_good(password: str, login: str) -> None:
    """Check a new password against the rules.

    Raises:
        UsageError: BAD_PASSWORD, with the rule.
    """
    plain = password.lower()
    kinds = (str.islower, str.isupper, str.isdigit)
    classes = sum(any(kind(c) for c in password) for kind in kinds) + any(not c.isalnum() for c in password)
    faults = (
        (len(password) < SHORTEST, f"口令至少 {SHORTEST} 个字符", f"a password has at least {SHORTEST} characters"),
        (len(password) > LONGEST, f"口令最多 {LONGEST} 个字符", f"a password has at most {LONGEST} characters"),
        (
            classes < CLASSES,
            "口令须含大写字母、小写字母、数字、符号中的至少三类",
            "a password has at least three of upper case, lower case, digits, others",
        ),
        (login.lower() in plain, "口令不得包含登录名", "a password must not contain the login"),
        (
            any(word in plain for word in _COMMON) or len(set(plain)) < 6,
            "口令过于常见或重复",
            "the password is too common or repetitive",
        ),
    )
    for wrong, zh, en in faults:
        if wrong:
            raise UsageError("BAD_PASSWORD", zh, en)


def hash_password(password: str) -> str:
    """The hash to keep."""
    with _FEW:
        return _HASHER.hash(password)


def matches(password: str, kept: str | None) -> bool:
    """Whether the password is the one behind the hash; None (nobody) takes the same time."""
    if len(password) > LONGEST:
        return False
    with _FEW:
        try:
            return _HASHER.verify(kept or _NOBODY, password) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


def first_password() -> str:
    """A random password that keeps the rules, for the first sign-in."""
    while True:
        made = secrets.token_urlsafe(15)
        try:
            must_be_good(made, "\x00")
        except UsageError:
            continue
        return made
