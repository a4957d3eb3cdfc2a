// SPDX-License-Identifier: Apache-2.0
package io.countersign.workloadapi;

import com.google.protobuf.ByteString;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.jwt.JwtSvid;
import io.countersign.spiffe.x509.Der;
import io.countersign.spiffe.x509.X509Svid;
import io.countersign.workloadapi.proto.JWTBundlesResponse;
import io.countersign.workloadapi.proto.JWTSVID;
import io.countersign.workloadapi.proto.X509BundlesResponse;
import io.countersign.workloadapi.proto.X509SVID;
import io.countersign.workloadapi.proto.X509SVIDResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * Wire messages to values. One wrong part, such as one federated bundle among good ones, makes the whole message wrong
 * (SPIFFE Workload API, section 5.2.1): half of a state is never used. The key of a bundle is the ID of its trust domain or
 * its name.
 */
final class Decode {
    private Decode() {}

    static X509Context x509Context(X509SVIDResponse response) {
        var svids = new ArrayList<X509Svid>();
        var bundles = new HashMap<>(bundles(response.getFederatedBundlesMap(), Decode::x509Bundle));
        for (var message : response.getSvidsList()) {
            var svid = svid(message);
            svids.add(svid);
            var own = svid.id().trustDomain();
            bundles.put(own, x509Bundle(own, message.getBundle()));
        }
        return new X509Context(svids, bundles);
    }

    private static X509Svid svid(X509SVID message) {
        var parsed = X509Svid.parseRaw(
                message.getX509Svid().toByteArray(), message.getX509SvidKey().toByteArray());
        var named = SpiffeId.parse(message.getSpiffeId());
        if (!parsed.id().equals(named)) {
            throw new IllegalArgumentException(
                    "the message names %s but its certificate is of %s".formatted(named, parsed.id()));
        }
        return parsed.withHint(message.getHint());
    }

    static Map<TrustDomain, TrustBundle> x509Bundles(X509BundlesResponse response) {
        return bundles(response.getBundlesMap(), Decode::x509Bundle);
    }

    static Map<TrustDomain, TrustBundle> jwtBundles(JWTBundlesResponse response) {
        return bundles(response.getBundlesMap(), (domain, bytes) -> TrustBundle.parseJwks(domain, bytes.toByteArray()));
    }

    static JwtSvid jwtSvid(JWTSVID message) {
        var svid = JwtSvid.parseInsecure(message.getSvid());
        var named = SpiffeId.parse(message.getSpiffeId());
        if (!svid.id().equals(named)) {
            throw new IllegalArgumentException(
                    "the message names %s but its token is of %s".formatted(named, svid.id()));
        }
        return svid;
    }

    private static Map<TrustDomain, TrustBundle> bundles(
            Map<String, ByteString> messages, BiFunction<TrustDomain, ByteString, TrustBundle> parser) {
        var bundles = new HashMap<TrustDomain, TrustBundle>();
        messages.forEach((key, bytes) -> {
            var domain = TrustDomain.parse(key);
            if (bundles.put(domain, parser.apply(domain, bytes)) != null) {
                throw new IllegalArgumentException("two bundles are of " + domain + ", expected one at most");
            }
        });
        return bundles;
    }

    private static TrustBundle x509Bundle(TrustDomain domain, ByteString der) {
        var authorities = Der.parseCertificates(der.toByteArray());
        if (authorities.isEmpty()) {
            throw new IllegalArgumentException(
                    "the bundle of " + domain + " is empty, expected at least one authority");
        }
        return TrustBundle.ofX509(domain, authorities);
    }
}
