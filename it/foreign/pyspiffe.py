# SPDX-License-Identifier: Apache-2.0
"""Fetches everything that the Workload API has with py-spiffe, validates it, and prints what it saw as JSON.

The address comes from SPIFFE_ENDPOINT_SOCKET.
"""

import json

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from spiffe import JwtSvid, TrustDomain, WorkloadApiClient

AUDIENCE = {"somebody"}


def signed_by(leaf: x509.Certificate, authorities) -> bool:
    for authority in authorities:
        try:
            authority.public_key().verify(
                leaf.signature, leaf.tbs_certificate_bytes, ec.ECDSA(leaf.signature_hash_algorithm)
            )
            return True
        except Exception:
            continue
    return False


def main() -> None:
    with WorkloadApiClient() as client:
        svid = client.fetch_x509_svid()
        domain = TrustDomain(svid.spiffe_id.trust_domain.name)
        x509_bundle = client.fetch_x509_bundles().get_bundle_for_trust_domain(domain)
        if not signed_by(svid.leaf, x509_bundle.x509_authorities):
            raise SystemExit("the x509-svid is signed by none of its bundle's authorities")
        token = client.fetch_jwt_svid(audience=AUDIENCE)
        jwt_bundle = client.fetch_jwt_bundles().get_bundle_for_trust_domain(domain)
        validated = JwtSvid.parse_and_validate(token.token, jwt_bundle, AUDIENCE)
        by_api = client.validate_jwt_svid(token=token.token, audience=next(iter(AUDIENCE)))
        print(
            json.dumps(
                {
                    "x509_id": str(svid.spiffe_id),
                    "x509_authorities": len(x509_bundle.x509_authorities),
                    "jwt_id": str(validated.spiffe_id),
                    "jwt_authorities": len(jwt_bundle.jwt_authorities),
                    "validated_by_api": str(by_api.spiffe_id),
                }
            )
        )


if __name__ == "__main__":
    main()
