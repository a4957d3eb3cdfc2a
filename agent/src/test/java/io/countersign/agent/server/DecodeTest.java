// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import io.countersign.serverapi.types.Bundle;
import io.countersign.serverapi.types.JWTKey;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.JwtAuthority;
import java.security.KeyPairGenerator;
import java.util.List;
import org.junit.jupiter.api.Test;

class DecodeTest {
    private static JWTKey key(String id, String algorithm) throws Exception {
        return JWTKey.newBuilder()
                .setKeyId(id)
                .setPublicKey(ByteString.copyFrom(KeyPairGenerator.getInstance(algorithm)
                        .generateKeyPair()
                        .getPublic()
                        .getEncoded()))
                .build();
    }

    @Test
    void aKeyOfAnUnknownKindIsLeftOutAndTheOthersStay() throws Exception {
        var bundle = Decode.bundle(
                new TrustDomain("abroad.org"),
                Bundle.newBuilder()
                        .setTrustDomain("abroad.org")
                        .addJwtAuthorities(key("unknown", "Ed25519"))
                        .addJwtAuthorities(key("known", "EC"))
                        .build());

        assertEquals(
                List.of("known"),
                bundle.jwtAuthorities().stream().map(JwtAuthority::keyId).toList());
    }
}
