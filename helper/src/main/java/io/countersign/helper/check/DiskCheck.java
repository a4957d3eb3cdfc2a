// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.check;

import io.countersign.helper.config.HelperConfig;
import io.countersign.helper.delivery.JwtBundleFile;
import io.countersign.helper.delivery.JwtTokenFile;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.json.Json;
import io.countersign.spiffe.jwt.JwtSvid;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** Looks at all files of a configuration as they are on the disk, without asking the agent. */
public record DiskCheck(HelperConfig config, Instant now) {
    public Report run() {
        var findings = new ArrayList<Finding>();
        config.identities().forEach(identity -> findings.add(new IdentityCheck(identity, now).run()));
        config.jwtBundle().ifPresent(bundle -> findings.add(check(bundle)));
        config.jwtTokens().forEach(token -> findings.add(check(token)));
        return new Report(findings);
    }

    private static Finding check(JwtBundleFile bundle) {
        var found = FileFinding.of("JWT bundle", bundle.file(), bundle.mode(), bundle.ownership());
        if (found.isThere()) {
            try {
                var members = (Json.Members) Json.parse(Files.readAllBytes(bundle.file()));
                for (var domain : members.members().keySet()) {
                    var jwks = Base64.getDecoder().decode(members.text(domain).orElse(""));
                    TrustBundle.parseJwks(new TrustDomain(domain), jwks);
                }
                var home = bundle.id().map(id -> id.trustDomain().name());
                if (home.isPresent() && !members.members().containsKey(home.get())) {
                    found = found.with("has no keys of trust domain " + home.get());
                }
            } catch (IOException | IllegalArgumentException | ClassCastException e) {
                found = found.with("cannot be read: " + e.getMessage());
            }
        }
        return new Finding(
                "JWT bundle " + bundle.file(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(found),
                List.of());
    }

    private Finding check(JwtTokenFile file) {
        var found = FileFinding.of("JWT-SVID", file.file(), file.mode(), file.ownership());
        Optional<JwtSvid> token = Optional.empty();
        if (found.isThere()) {
            try {
                token = Optional.of(JwtSvid.parseInsecure(Files.readString(file.file())));
                if (token.get().expiresAt().isBefore(now)) {
                    found = found.with("has ended at " + token.get().expiresAt());
                }
                var id = token.get().id();
                if (file.id().isPresent() && !file.id().get().equals(id)) {
                    found = found.with(
                            "is of %s, expected %s".formatted(id, file.id().get()));
                }
            } catch (IOException | IllegalArgumentException e) {
                found = found.with("cannot be read: " + e.getMessage());
            }
        }
        return new Finding(
                "JWT-SVID " + file.file(),
                token.map(each -> each.id().toString()),
                Optional.empty(),
                token.map(JwtSvid::expiresAt),
                List.of(found),
                List.of());
    }
}
