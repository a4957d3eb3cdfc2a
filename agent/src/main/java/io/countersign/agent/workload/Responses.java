// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.workload;

import com.google.protobuf.ByteString;
import io.countersign.agent.entry.RegistrationEntry;
import io.countersign.agent.identity.IssuedSvid;
import io.countersign.agent.identity.Snapshot;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.Der;
import io.countersign.workloadapi.proto.JWTBundlesResponse;
import io.countersign.workloadapi.proto.X509BundlesResponse;
import io.countersign.workloadapi.proto.X509SVID;
import io.countersign.workloadapi.proto.X509SVIDResponse;
import java.util.List;
import java.util.Optional;

/** The messages of the Workload API made from a snapshot: SPIFFE Workload API sections 5.2 and 6.2. */
final class Responses {
    private Responses() {}

    /** All SVIDs of these entries, or nothing as long as one of them has none. */
    static Optional<X509SVIDResponse> x509Svids(Snapshot snapshot, List<RegistrationEntry> entries) {
        var response = X509SVIDResponse.newBuilder();
        var bundle = x509(snapshot.ownBundle());
        for (var entry : entries) {
            var issued = Optional.ofNullable(snapshot.svids().get(entry.id()));
            if (issued.isEmpty()) {
                return Optional.empty();
            }
            response.addSvids(svid(entry, issued.get(), bundle));
        }
        snapshot.federatedX509Bundles(entries)
                .forEach((domain, federated) -> response.putFederatedBundles(domain.idString(), x509(federated)));
        return Optional.of(response.build());
    }

    private static X509SVID svid(RegistrationEntry entry, IssuedSvid issued, ByteString bundle) {
        var svid = issued.svid();
        return X509SVID.newBuilder()
                .setSpiffeId(svid.id().toString())
                .setX509Svid(ByteString.copyFrom(Der.encodeCertificates(svid.chain())))
                .setX509SvidKey(ByteString.copyFrom(svid.privateKey().getEncoded()))
                .setBundle(bundle)
                .setHint(entry.hint())
                .build();
    }

    static X509BundlesResponse x509Bundles(Snapshot snapshot, List<RegistrationEntry> entries) {
        var response = X509BundlesResponse.newBuilder();
        response.putBundles(snapshot.trustDomain().idString(), x509(snapshot.ownBundle()));
        snapshot.federatedX509Bundles(entries)
                .forEach((domain, federated) -> response.putBundles(domain.idString(), x509(federated)));
        return response.build();
    }

    static JWTBundlesResponse jwtBundles(Snapshot snapshot, List<RegistrationEntry> entries) {
        var response = JWTBundlesResponse.newBuilder();
        response.putBundles(
                snapshot.trustDomain().idString(),
                ByteString.copyFromUtf8(snapshot.ownBundle().toJwks()));
        snapshot.federatedBundles(entries)
                .forEach((domain, federated) ->
                        response.putBundles(domain.idString(), ByteString.copyFromUtf8(federated.toJwks())));
        return response.build();
    }

    private static ByteString x509(TrustBundle bundle) {
        return ByteString.copyFrom(Der.encodeCertificates(bundle.x509Authorities()));
    }
}
