// SPDX-License-Identifier: Apache-2.0

import io.spiffe.svid.jwtsvid.JwtSvid;
import io.spiffe.svid.x509svid.X509SvidValidator;
import io.spiffe.workloadapi.DefaultWorkloadApiClient;
import java.util.Set;

/**
 * Fetches everything that the Workload API has with java-spiffe, validates it, and prints what it saw as JSON. The address
 * comes from SPIFFE_ENDPOINT_SOCKET.
 */
public final class Look {
    private static final String AUDIENCE = "somebody";

    private Look() {}

    public static void main(String[] args) throws Exception {
        try (var client = DefaultWorkloadApiClient.newClient()) {
            var context = client.fetchX509Context();
            var svid = context.getDefaultSvid();
            X509SvidValidator.verifyChain(svid.getChain(), context.getX509BundleSet());
            var domain = svid.getSpiffeId().getTrustDomain();
            var x509Bundle = client.fetchX509Bundles().getBundleForTrustDomain(domain);
            var token = client.fetchJwtSvid(AUDIENCE);
            var jwtBundles = client.fetchJwtBundles();
            var validated = JwtSvid.parseAndValidate(token.getToken(), jwtBundles, Set.of(AUDIENCE));
            var byApi = client.validateJwtSvid(token.getToken(), AUDIENCE);
            System.out.printf(
                    "{\"x509_id\": \"%s\", \"x509_authorities\": %d, \"jwt_id\": \"%s\", \"jwt_authorities\": %d,"
                            + " \"validated_by_api\": \"%s\"}%n",
                    svid.getSpiffeId(),
                    x509Bundle.getX509Authorities().size(),
                    validated.getSpiffeId(),
                    jwtBundles.getBundleForTrustDomain(domain).getJwtAuthorities().size(),
                    byApi.getSpiffeId());
        }
    }
}
