"""Text sealed under the site's key: nobody else can read it, forge it or tell two of one reader.

What is sealed for one purpose is worthless for another. The same text has the same seal every time,
so that a mail sent again has the same bytes.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache
from hashlib import sha256

from django.conf import settings
from django.utils.encoding import force_bytes

SEALED = "~"  # begins each sealed text
_PROOF_BYTES = 15  # 120 bits; with a number and a version that makes 32 characters
_LONGEST = 8_000  # characters; ours have some forty, and whose blocks are counted in a byte 10,000


def seal(purpose: str, said: bytes) -> str:
    """Deterministic authenticated encryption in the shape of SIV (RFC 5297).

    A keyed hash of the text is both what proves it and the nonce by which it is made unreadable,
    so that the same text has the same token; HMAC-SHA-256 does both, under two keys.
    """
    for_proof, for_veil = _key_hashes(purpose, settings.SECRET_KEY)
    proof = _hash_keyed(for_proof, said)[:_PROOF_BYTES]
    sealed = proof + _veil(for_veil, proof, said)
    return f"{SEALED}{urlsafe_b64encode(sealed).rstrip(b'=').decode()}"


def unseal(purpose: str, token: str) -> bytes | None:
    """What was sealed for this purpose, under the key of today or one before; None for no such."""
    body = token.removeprefix(SEALED)
    if len(body) > _LONGEST:
        return None
    try:
        sealed = urlsafe_b64decode(f"{body}{'=' * (-len(body) % 4)}")
    except ValueError:
        return None
    if urlsafe_b64encode(sealed).rstrip(b"=").decode() != body:
        return None  # one token has one spelling
    proof, veiled = sealed[:_PROOF_BYTES], sealed[_PROOF_BYTES:]
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        for_proof, for_veil = _key_hashes(purpose, secret)
        said = _veil(for_veil, proof, veiled)
        if hmac.compare_digest(_hash_keyed(for_proof, said)[:_PROOF_BYTES], proof):
            return said
    return None


def _veil(keyed: hmac.HMAC, nonce: bytes, text: bytes) -> bytes:
    """The text xor a stream of keyed hashes; done twice it is the text again."""
    blocks = range(-(-len(text) // keyed.digest_size))
    stream = b"".join([_hash_keyed(keyed, nonce + bytes([block])) for block in blocks])
    mixed = int.from_bytes(text) ^ int.from_bytes(stream[: len(text)])
    return mixed.to_bytes(len(text))


def _hash_keyed(keyed: hmac.HMAC, text: bytes) -> bytes:
    """HMAC-SHA-256 of the text; `keyed` has taken its key in, and nothing else."""
    hashed = keyed.copy()
    hashed.update(text)
    return hashed.digest()


@lru_cache(64)
def _key_hashes(purpose: str, secret: str) -> tuple[hmac.HMAC, hmac.HMAC]:
    """One for the proof, one for the veil. To take its key in is half of what a hash costs."""
    key = force_bytes(secret)
    proof, veil = (_derive_key(f"{purpose}.{use}", key) for use in ("proof", "veil"))
    return hmac.new(proof, digestmod="sha256"), hmac.new(veil, digestmod="sha256")


@lru_cache(64)
def _derive_key(salt: str, key: bytes) -> bytes:
    return sha256(f"{salt}signer".encode() + key).digest()
