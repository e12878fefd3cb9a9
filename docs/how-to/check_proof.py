"""Check an inclusion proof of the exchange hub (存证证明核验): python3 check_proof.py proof.json [head chain value]."""

import hashlib
import json
import sys


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def parts(text: str) -> list[str]:
    found = []
    while text:
        size, text = text.split(":", 1)
        found.append(text[: int(size)])
        text = text[int(size) :]
    return found


def check(proof: dict, head: str | None) -> str | None:
    """Why the proof does not hold; None where it does."""
    if proof["record_text"] is not None and sha(proof["record_text"].encode()).hex() != proof["record_hash"]:
        return "the record's text does not give its hash"
    about = parts(proof["leaf_text"])
    if [*about[:3], about[-1]] != [proof["dataset"], proof["data_key"], str(proof["version_no"]), proof["record_hash"]]:
        return "the leaf is about something else"
    value = sha(b"\x00" + proof["leaf_text"].encode())
    for step in proof["path"]:
        other = bytes.fromhex(step["hash"])
        value = sha(b"\x01" + other + value if step["side"] == "left" else b"\x01" + value + other)
    if value.hex() != proof["links"][0]["root"]:
        return "the path does not lead to the Merkle root"
    chain = bytes.fromhex(proof["previous_chain"])
    for link in proof["links"]:
        chain = sha(chain + bytes.fromhex(link["root"]) + bytes.fromhex(link["package_sha256"]))
    return None if chain.hex() == (head or proof["head"]["chain"]) else "the chain does not lead to the head"


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        fault = check(json.load(file), sys.argv[2] if len(sys.argv) > 2 else None)
    sys.exit(f"不成立 does not hold: {fault}" if fault else print("成立 the proof holds"))
