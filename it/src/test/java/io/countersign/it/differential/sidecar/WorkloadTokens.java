// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import io.countersign.serverapi.bundle.BundleGrpc;
import io.countersign.serverapi.bundle.GetBundleRequest;
import io.countersign.serverapi.svid.MintJWTSVIDRequest;
import io.countersign.serverapi.svid.SVIDGrpc;
import io.countersign.spiffe.bundle.JwtAuthority;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.security.PrivateKey;
import java.util.List;

/** JWT-SVIDs of the server, and tokens with its key that it would never sign. */
record WorkloadTokens(ManagedChannel server, List<JwtAuthority> authorities, PrivateKey key) {
    static WorkloadTokens of(Ground ground) throws IOException {
        var authorities = BundleGrpc.newBlockingStub(ground.admin)
                .getBundle(GetBundleRequest.getDefaultInstance())
                .getJwtAuthoritiesList()
                .stream()
                .map(one ->
                        JwtAuthority.parse(one.getKeyId(), one.getPublicKey().toByteArray()))
                .toList();
        return new WorkloadTokens(ground.admin, authorities, ground.key("JWT-Signer-A"));
    }

    String jwks() {
        return Issuer.jwks(authorities.stream());
    }

    String minted(String id, String audience) {
        var request = MintJWTSVIDRequest.newBuilder()
                .setId(Ground.id(id))
                .addAudience(audience)
                .build();
        return SVIDGrpc.newBlockingStub(server).mintJWTSVID(request).getSvid().getToken();
    }

    /** @param claims with single quotes in the place of double ones */
    String signed(String claims) {
        return signed(key, claims);
    }

    /** Names the server's key, but has another. */
    String forged(String claims) {
        return signed(Authority.keys().getPrivate(), claims);
    }

    private String signed(PrivateKey with, String claims) {
        var header = "{'alg':'ES256','kid':'" + authorities.getFirst().keyId() + "','typ':'JWT'}";
        return Issuer.signed(Issuer.EC, with, header, claims);
    }
}
