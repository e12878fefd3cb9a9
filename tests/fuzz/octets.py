"""Changes of bytes that know nothing of what the bytes mean."""

from random import Random

INTERESTING = (
    0x00,
    0x01,
    0x09,
    0x0A,
    0x0D,
    0x20,
    0x22,
    0x2C,
    0x30,
    0x3C,
    0x3E,
    0x5C,
    0x7B,
    0x7F,
    0x80,
    0xC0,
    0xFE,
    0xFF,
)
TOKENS = (
    b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\x00" * 64, b"<!DOCTYPE x>", b"<!ENTITY a 'b'>", b"<RECORD>", b"</BATCH>",
    b"<![CDATA[", b"]]>", b"<!--", b"-->", b"<?x y?>", b"&#x0;", b"&amp;", b"&", b'"', b'"\r\n', b",,,,", b"{", b"}", b"[",
    b"\\ud800", b"\\u0000", b"1e999", b"NaN", b"null", b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PAR1", b"\xd6\xd0",
    b"\x81\x30", b"xmlns='a'", b" a='b'", b"/>", b"</", b"\r", b"\x1a", b"\xed\xa0\x80", b"\xf4\x90\x80\x80",
)  # fmt: skip


def mutate(content: bytes, chance: Random) -> bytes:
    """One to eight changes: bits, bytes, tokens, cuts, copies, moves."""
    data = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 4, 8))):
        if not data:
            data += chance.choice(TOKENS)
        _change(data, chance)
    return bytes(data)


def _change(data: bytearray, chance: Random) -> None:
    at = chance.randrange(len(data))
    length = chance.choice((1, 2, 4, 16, 64, 512))
    match chance.randrange(8):
        case 0:
            data[at] ^= 1 << chance.randrange(8)
        case 1:
            data[at] = chance.choice(INTERESTING)
        case 2:
            data[at:at] = chance.choice(TOKENS)
        case 3:
            del data[at : at + length]
        case 4:
            data[at:at] = data[at : at + length] * chance.choice((1, 1, 20))
        case 5:
            del data[at:]
        case 6:
            data[at : at + length] = bytes(chance.randrange(256) for _ in data[at : at + length])
        case _:
            source = chance.randrange(len(data))
            data[at : at + length] = data[source : source + length]
