"""A device that holds one passkey, in software: honest unless it is told to lie.

It answers as a browser with a phone's authenticator would (WebAuthn Level 2 §6, attestation
"none"), so the library that checks it in production checks it here.
"""

from __future__ import annotations

import hashlib
import json
import os
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, encode_cbor

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
Lies = dict[str, Any]


class Authenticator:
    """One key pair for one address. ``verified``: it looks at the person before it signs."""

    def __init__(self, origin: str = "http://localhost", rp: str = "localhost") -> None:
        self.origin, self.rp = origin, rp
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential_id = os.urandom(32)
        self.handle = b""
        self.counter = 0
        self.verified = True

    def create(self, options: dict[str, Any], **lies: Any) -> str:
        """The answer to a question of adding: the public key, bound to this address."""
        self.handle = base64url_to_bytes(options["user"]["id"])
        public = self.key.public_key().public_numbers()
        cose = {
            1: 2,
            3: -7,
            -1: 1,
            -2: public.x.to_bytes(32, "big"),
            -3: public.y.to_bytes(32, "big"),
        }
        attested = (
            bytes(16)
            + len(self.credential_id).to_bytes(2, "big")
            + self.credential_id
            + encode_cbor(cose)
        )
        data = self._data(lies, ATTESTED) + attested
        response = {
            "clientDataJSON": _text(self._client("webauthn.create", options, lies)),
            "attestationObject": _text(
                encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})
            ),
        }
        return self._answer(response)

    def get(self, options: dict[str, Any], **lies: Any) -> str:
        """The answer to a question of signing in: a signature over it, with the next count."""
        self.counter = lies.get("counter", self.counter + 1)
        data, client = self._data(lies), self._client("webauthn.get", options, lies)
        signer = lies.get("key", self.key)
        signed = signer.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": _text(client),
            "authenticatorData": _text(data),
            "signature": _text(lies.get("signature", signed)),
        }
        handle = lies.get("handle", self.handle)
        if handle is not None:
            response["userHandle"] = _text(handle)
        return self._answer(response)

    def _data(self, lies: Lies, flags: int = 0) -> bytes:
        rp = hashlib.sha256(lies.get("rp", self.rp).encode()).digest()
        seen = flags | lies.get("flags", PRESENT | (VERIFIED if self.verified else 0))
        return rp + bytes([seen]) + int(self.counter).to_bytes(4, "big")

    def _client(self, kind: str, options: dict[str, Any], lies: Lies) -> bytes:
        said = {
            "type": lies.get("kind", kind),
            "challenge": lies.get("challenge", options["challenge"]),
            "origin": lies.get("origin", self.origin),
            "crossOrigin": False,
        }
        return json.dumps(said).encode()

    def _answer(self, response: dict[str, str]) -> str:
        name = _text(self.credential_id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})


def _text(raw: bytes) -> str:
    return str(bytes_to_base64url(raw))
