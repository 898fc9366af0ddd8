"""A device that makes passkeys, in software: what a browser would send for it, and forgeries."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import sha256, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

ORIGIN = "http://localhost:8000"
PRESENT, VERIFIED = AuthenticatorData.FLAG.UP, AuthenticatorData.FLAG.UV


@dataclass
class Authenticator:
    """One key, for the site that first asked; change a field to have it answer wrongly."""

    origin: str = ORIGIN
    site: str = "localhost"
    is_verified: bool = True
    in_frame: bool = False
    count: int = 1
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def register(self, question: dict[str, Any]) -> str:
        """The answer to /admin/second-step/set-up/question/."""
        public = ES256.from_cryptography_key(self.key.public_key())
        held = AttestedCredentialData.create(Aaguid.NONE, self.credential_id, public)
        data = AuthenticatorData.create(
            sha256(self.site.encode()),
            self._flags | AuthenticatorData.FLAG.AT,
            self.count,
            bytes(held),
        )
        made = AttestationObject.create("none", data, {})
        client = self._write_client(CollectedClientData.TYPE.CREATE, question)
        return self._write({"clientDataJSON": client, "attestationObject": made})

    def sign_in(self, question: dict[str, Any]) -> str:
        """The answer to /admin/second-step/question/."""
        self.count += 1 if self.count else 0
        data = AuthenticatorData.create(sha256(self.site.encode()), self._flags, self.count)
        client = self._write_client(CollectedClientData.TYPE.GET, question)
        signature = self.key.sign(data + client.hash, ec.ECDSA(hashes.SHA256()))
        return self._write(
            {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
        )

    @property
    def _flags(self) -> AuthenticatorData.FLAG:
        return PRESENT | VERIFIED if self.is_verified else PRESENT

    def _write_client(self, kind: str, question: dict[str, Any]) -> CollectedClientData:
        challenge = question["publicKey"]["challenge"]
        return CollectedClientData.create(kind, challenge, self.origin, self.in_frame)

    def _write(self, response: dict[str, bytes]) -> str:
        number = websafe_encode(self.credential_id)
        told = {name: websafe_encode(value) for name, value in response.items()}
        said = {"id": number, "rawId": number, "type": "public-key", "response": told}
        return json.dumps(said)
