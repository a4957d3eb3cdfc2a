// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore.federation;

import io.countersign.spiffe.SpiffeId;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/**
 * Where a bundle is fetched, and by what the one who serves it is known (SPIFFE Federation section 5).
 *
 * @param url with https, a host and no user
 */
public record BundleEndpoint(URI url, Profile profile) {
    private static final String SCHEME = "https";

    /** How the endpoint proves who it is. */
    public sealed interface Profile {}

    /** By the certificate of a web server for the host of the URL. */
    public record HttpsWeb() implements Profile {}

    /** By an X509-SVID with exactly that ID, whatever the host is called. */
    public record HttpsSpiffe(SpiffeId endpointId) implements Profile {}

    /** @throws IllegalArgumentException if the URL breaks a rule, in SPIRE's words */
    public BundleEndpoint {
        if (!SCHEME.equals(url.getScheme())) {
            throw new IllegalArgumentException("bundle endpoint URL must use the https scheme");
        }
        if (url.getUserInfo() != null) {
            throw new IllegalArgumentException("bundle endpoint URL must not contain user info");
        }
        if (url.getHost() == null) {
            throw new IllegalArgumentException("bundle endpoint URL must specify the host");
        }
    }

    /** @throws IllegalArgumentException if the text is no URL, or one that breaks a rule */
    public static BundleEndpoint parse(String url, Profile profile) {
        try {
            var parsed = new URI(url);
            var scheme = parsed.getScheme();
            return new BundleEndpoint(
                    scheme != null && scheme.toLowerCase(Locale.ROOT).equals(SCHEME)
                            ? new URI(SCHEME + url.substring(scheme.length()))
                            : parsed,
                    profile);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("failed to parse bundle endpoint URL: " + e.getMessage(), e);
        }
    }

    /** The same endpoint by another URL, as a redirect names it. */
    public BundleEndpoint at(URI other) {
        return new BundleEndpoint(other, profile);
    }
}
