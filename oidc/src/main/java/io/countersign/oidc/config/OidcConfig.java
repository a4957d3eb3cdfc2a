// SPDX-License-Identifier: Apache-2.0
package io.countersign.oidc.config;

import io.countersign.launch.LogSettings;
import io.countersign.oidc.document.Domains;
import io.countersign.oidc.keys.KeySource;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * What oidc-discovery-provider.conf says.
 *
 * @param jwtIssuer absolute, with a host
 * @param jwksUri absolute, with a host
 * @param pathPrefix of all paths, beginning with a slash
 * @param setKeyUse whether each key says what it is for
 * @param logRequests on level debug
 * @param warnings what is accepted as the original accepts it, and what follows from it
 */
public record OidcConfig(
        Domains domains,
        Listen listen,
        KeySource source,
        boolean allowInsecureScheme,
        Optional<URI> jwtIssuer,
        Optional<URI> jwksUri,
        String pathPrefix,
        boolean setKeyUse,
        Optional<HealthSettings> health,
        LogSettings log,
        boolean logRequests,
        List<String> warnings) {
    public OidcConfig {
        warnings = List.copyOf(warnings);
    }
}
