// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import io.countersign.serverapi.types.FederationRelationship;
import io.countersign.serverapi.types.HTTPSSPIFFEProfile;
import io.countersign.serverapi.types.HTTPSWebProfile;
import io.countersign.spiffe.SpiffeId;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The flags that say what a federation relationship is to be. */
final class FederationFlags {
    static final String WEB = "https_web";
    static final String SPIFFE = "https_spiffe";
    private static final String PEM = "pem";

    @Option(names = "--trustDomain", description = "Name of the trust domain to federate with, like example.org")
    String trustDomain = "";

    @Option(names = "--bundleEndpointURL", description = "Where its bundle is fetched, with https")
    String url = "";

    @Option(names = "--bundleEndpointProfile", description = WEB + " or " + SPIFFE)
    String profile = "";

    @Option(names = "--endpointSpiffeID", description = "SPIFFE ID of the endpoint, for " + SPIFFE)
    String endpointId = "";

    @Option(names = "--trustDomainBundlePath", paramLabel = "FILE", description = "The bundle to begin with (optional)")
    String bundlePath = "";

    @Option(names = "--trustDomainBundleFormat", description = "pem or spiffe (pem)")
    String bundleFormat = PEM;

    @Option(names = "--data", paramLabel = "FILE", description = "A JSON file with relationships; - for standard input")
    String data = "";

    /** What the file says, or else the one that the flags describe. */
    List<FederationRelationship> relationships() throws IOException {
        if (data.isEmpty()) {
            return List.of(relationship(new Wanted(trustDomain, url, profile, endpointId), bundle()));
        }
        if (!(trustDomain + url + profile + endpointId + bundlePath).isEmpty() || !bundleFormat.equals(PEM)) {
            throw new IllegalArgumentException(
                    "cannot use other flags to specify relationship fields when 'data' flag is set");
        }
        return FederationFile.read(data);
    }

    /** What names a relationship, as words. */
    record Wanted(String trustDomain, String url, String profile, String endpointId) {}

    /** A bundle whose trust domain is known only when the rest has been read. */
    record Enclosed(BundleFormat format, String text) {}

    private Optional<Enclosed> bundle() throws IOException {
        if (bundlePath.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Enclosed(BundleFormat.named(bundleFormat), EntryFile.text(bundlePath)));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("cannot read bundle file: " + e.getMessage(), e);
        }
    }

    /** @throws IllegalArgumentException if something is missing or wrong */
    static FederationRelationship relationship(Wanted wanted, Optional<Enclosed> bundle) {
        require(wanted.trustDomain(), "trust domain is required");
        require(wanted.url(), "bundle endpoint URL is required");
        var relationship = FederationRelationship.newBuilder()
                .setTrustDomain(wanted.trustDomain())
                .setBundleEndpointUrl(wanted.url());
        var bundleOf = wanted.trustDomain();
        switch (wanted.profile()) {
            case WEB -> relationship.setHttpsWeb(HTTPSWebProfile.getDefaultInstance());
            case SPIFFE -> {
                bundleOf = endpointDomain(wanted.endpointId());
                relationship.setHttpsSpiffe(HTTPSSPIFFEProfile.newBuilder().setEndpointSpiffeId(wanted.endpointId()));
            }
            default ->
                throw new IllegalArgumentException("unknown bundle endpoint profile type: \"" + wanted.profile()
                        + "\"; expected " + WEB + " or " + SPIFFE);
        }
        if (bundle.isPresent()) {
            relationship.setTrustDomainBundle(parsed(bundle.get(), bundleOf));
        }
        return relationship.build();
    }

    private static io.countersign.serverapi.types.Bundle parsed(Enclosed bundle, String of) {
        try {
            return bundle.format().parse(bundle.text(), of);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("cannot parse bundle file: " + e.getMessage(), e);
        }
    }

    /** As with the original, a bundle to begin with is that of the endpoint's trust domain. */
    private static String endpointDomain(String endpointId) {
        require(endpointId, "endpoint SPIFFE ID is required if 'https_spiffe' endpoint profile is set");
        try {
            return SpiffeId.parse(endpointId).trustDomain().name();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("cannot parse bundle endpoint SPIFFE ID: " + e.getMessage(), e);
        }
    }

    private static void require(String value, String otherwise) {
        if (value.isEmpty()) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
