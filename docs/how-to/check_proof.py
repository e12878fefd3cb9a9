"""Check an inclusion proof of the exchange hub (存证证明核验): python3 check_proof.py proof.json [head chain value]."""

import hashlib
import json
import sys


def sha(*data: bytes) -> bytes:
    return hashlib.sha256(b"".join(data)).digest()


def check(proof: dict, head: str | None) -> str | None:
    """Why the proof does not hold; None where it does."""
    text, leaf = proof["record_text"], proof["leaf_text"]
    about = (proof["dataset"], proof["data_key"], str(proof["version_no"]))  # the leaf begins so
    if text is not None and sha(text.encode()).hex() != proof["record_hash"]:
        return "the record's text does not give its hash"
    if not (leaf.startswith("".join(f"{len(p)}:{p}" for p in about)) and leaf.endswith(f"64:{proof['record_hash']}")):
        return "the leaf is about something else"
    value, chain = sha(b"\x00", leaf.encode()), bytes.fromhex(proof["previous_chain"])
    for other, left in ((bytes.fromhex(step["hash"]), step["side"] == "left") for step in proof["path"]):
        value = sha(b"\x01", other, value) if left else sha(b"\x01", value, other)
    if value.hex() != proof["links"][0]["root"]:
        return "the path does not lead to the Merkle root"
    for link in proof["links"]:
        chain = sha(chain, bytes.fromhex(link["root"]), bytes.fromhex(link["package_sha256"]))
    return None if chain.hex() == (head or proof["head"]["chain"]) else "the chain does not lead to the head"


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        fault = check(json.load(file), sys.argv[2] if len(sys.argv) > 2 else None)
    sys.exit(f"不成立 does not hold: {fault}" if fault else print("成立 the proof holds"))
