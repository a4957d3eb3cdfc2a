// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.bundle;

import io.countersign.datastore.authority.TrustedAuthority;
import io.countersign.server.wire.Trusted;
import io.countersign.serverapi.bundle.AppendBundleRequest;
import io.countersign.serverapi.types.JWTKey;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;

/** Authorities that an operator adds to the bundle, as they are written down. */
final class AppendedAuthorities {
    private AppendedAuthorities() {}

    /** @throws io.grpc.StatusRuntimeException if there is none, or one that cannot be used */
    static List<TrustedAuthority> of(AppendBundleRequest request) {
        if (request.getX509AuthoritiesCount() == 0 && request.getJwtAuthoritiesCount() == 0) {
            throw invalid("no authorities to append");
        }
        if (request.getWitAuthoritiesCount() > 0) {
            throw invalid("WIT authorities are not supported; expected none");
        }
        var all = new ArrayList<TrustedAuthority>();
        try {
            var _ = BundleMessages.keys(request.getJwtAuthoritiesList());
            request.getJwtAuthoritiesList().forEach(key -> all.add(Trusted.key(untainted(key))));
        } catch (IllegalArgumentException e) {
            throw invalid("failed to convert JWT authority: " + e.getMessage());
        }
        try {
            BundleMessages.certificates(request.getX509AuthoritiesList())
                    .forEach(one -> all.add(Trusted.root(one, false)));
        } catch (IllegalArgumentException e) {
            throw invalid("failed to convert X.509 authority: " + e.getMessage());
        }
        return all;
    }

    private static JWTKey untainted(JWTKey key) {
        return key.toBuilder().setTainted(false).build();
    }

    private static RuntimeException invalid(String message) {
        return Status.INVALID_ARGUMENT.withDescription(message).asRuntimeException();
    }
}
