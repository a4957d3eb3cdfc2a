// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.audit;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.countersign.agentapi.delegated.FetchJWTSVIDsResponse;
import io.countersign.agentapi.delegated.SubscribeToX509SVIDsResponse;
import io.countersign.sdsapi.discovery.DeltaDiscoveryResponse;
import io.countersign.sdsapi.discovery.DiscoveryResponse;
import io.countersign.sdsapi.discovery.Resource;
import io.countersign.sdsapi.tls.Secret;
import io.countersign.spiffe.jwt.JwtSvid;
import io.countersign.spiffe.x509.Der;
import io.countersign.spiffe.x509.Pem;
import io.countersign.spiffe.x509.X509SvidValidator;
import io.countersign.workloadapi.proto.JWTSVIDResponse;
import io.countersign.workloadapi.proto.X509SVIDResponse;
import java.security.cert.X509Certificate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.Stream;

/**
 * One identity in an answer.
 *
 * @param about what identifies it; never the token or key itself
 */
record Handed(String event, SequencedMap<String, String> about) {
    /** All that are in an answer; none in one of bundles or of another kind. */
    static List<Handed> in(Object answer) {
        return switch (answer) {
            case X509SVIDResponse svids ->
                svids.getSvidsList().stream()
                        .map(svid -> x509(leaf(svid.getX509Svid())))
                        .toList();
            case SubscribeToX509SVIDsResponse svids ->
                svids.getX509SvidsList().stream()
                        .map(svid -> x509(leaf(svid.getX509Svid().getCertChain(0))))
                        .toList();
            case DiscoveryResponse secrets ->
                secrets.getResourcesList().stream().flatMap(Handed::secret).toList();
            case DeltaDiscoveryResponse secrets ->
                secrets.getResourcesList().stream()
                        .map(Resource::getResource)
                        .flatMap(Handed::secret)
                        .toList();
            case JWTSVIDResponse svids ->
                svids.getSvidsList().stream().map(svid -> jwt(svid.getSvid())).toList();
            case FetchJWTSVIDsResponse svids ->
                svids.getSvidsList().stream().map(svid -> jwt(svid.getToken())).toList();
            default -> List.of();
        };
    }

    private static X509Certificate leaf(ByteString der) {
        return Der.parseCertificates(der.toByteArray()).getFirst();
    }

    private static Stream<Handed> secret(Any resource) {
        try {
            var chain = resource.unpack(Secret.class).getTlsCertificate().getCertificateChain();
            return chain.getInlineBytes().isEmpty()
                    ? Stream.empty()
                    : Stream.of(
                            x509(Pem.parseCertificates(chain.getInlineBytes().toByteArray())
                                    .getFirst()));
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("an answer of ours cannot be read", e);
        }
    }

    private static Handed x509(X509Certificate leaf) {
        var about = new LinkedHashMap<String, String>();
        about.put("spiffe_id", X509SvidValidator.idOf(leaf).toString());
        about.put("serial", leaf.getSerialNumber().toString());
        about.put("expires_at", leaf.getNotAfter().toInstant().toString());
        return new Handed("x509_svid.give", about);
    }

    private static Handed jwt(String token) {
        var svid = JwtSvid.parseInsecure(token);
        var about = new LinkedHashMap<String, String>();
        about.put("spiffe_id", svid.id().toString());
        about.put("audience", String.join(",", svid.audience()));
        about.put("expires_at", svid.expiresAt().toString());
        return new Handed("jwt_svid.give", about);
    }
}
