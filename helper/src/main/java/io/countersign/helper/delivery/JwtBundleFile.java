// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.delivery;

import com.google.gson.JsonObject;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.TrustBundle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;

/** A JSON file that holds, by the name of each trust domain, its JWK set as Base64 text. */
public record JwtBundleFile(Path file, FileMode mode) {
    public FileContent content(Map<TrustDomain, TrustBundle> bundles) {
        var members = new JsonObject();
        new TreeMap<>(bundles).forEach((domain, bundle) -> members.addProperty(domain.name(), base64(bundle.toJwks())));
        return FileContent.of(file, members.toString(), mode);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
