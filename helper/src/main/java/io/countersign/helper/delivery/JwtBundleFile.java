// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.delivery;

import com.google.gson.JsonObject;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.TrustBundle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A JSON file that holds, by the name of each trust domain, its JWK set as Base64 text.
 *
 * @param id whose trust domain has to be among them, if that is said
 */
public record JwtBundleFile(Path file, FileMode mode, Optional<SpiffeId> id, Ownership ownership) {
    /** Replaces what is there. */
    public void write(Map<TrustDomain, TrustBundle> bundles) throws DeliveryException {
        var home = id.map(SpiffeId::trustDomain);
        if (home.isPresent() && !bundles.containsKey(home.get())) {
            throw new DeliveryException("the JWT bundles that came are of %s, expected that of %s among them;"
                            .formatted(bundles.keySet(), home.get())
                    + " ask its agent or change spiffe_id");
        }
        AtomicFiles.write(List.of(content(bundles)), ownership);
    }

    private FileContent content(Map<TrustDomain, TrustBundle> bundles) {
        var members = new JsonObject();
        new TreeMap<>(bundles).forEach((domain, bundle) -> members.addProperty(domain.name(), base64(bundle.toJwks())));
        return FileContent.of(file, members.toString(), mode);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
