// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.countersign.launch.config.Nearest;
import io.countersign.server.cli.FederationFlags.Enclosed;
import io.countersign.server.cli.FederationFlags.Wanted;
import io.countersign.serverapi.types.FederationRelationship;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The original's JSON files: {@code {"federationRelationships": [{"trustDomain": "example.org", …}]}}. As there, names match
 * whatever their case, and null is nothing; a name that is none is refused, which the original skips.
 */
final class FederationFile {
    private static final String LIST = "federationRelationships";
    private static final List<String> MEMBERS = List.of(
            "trustDomain",
            "bundleEndpointURL",
            "bundleEndpointProfile",
            "endpointSPIFFEID",
            "trustDomainBundle",
            "trustDomainBundleFormat");

    private FederationFile() {}

    /** @param file {@code -} for standard input */
    static List<FederationRelationship> read(String file) throws IOException {
        var text = EntryFile.text(file);
        var relationships = new ArrayList<FederationRelationship>();
        try {
            var list = named(JsonParser.parseString(text).getAsJsonObject(), List.of(LIST))
                    .getAsJsonArray(LIST);
            if (list == null) {
                throw new IllegalArgumentException("file \"" + file + "\" has no member " + LIST + ", expected a list");
            }
            for (var element : list) {
                relationships.add(relationship(element.getAsJsonObject(), relationships.size()));
            }
            return relationships;
        } catch (JsonParseException | IllegalStateException | UnsupportedOperationException e) {
            throw new IllegalArgumentException(
                    "failed to parse JSON: file \"" + file + "\" holds no relationships: " + e.getMessage(), e);
        }
    }

    private static FederationRelationship relationship(JsonObject object, int position) {
        try {
            var given = named(object, MEMBERS);
            return FederationFlags.relationship(
                    new Wanted(
                            text(given, "trustDomain"),
                            text(given, "bundleEndpointURL"),
                            text(given, "bundleEndpointProfile"),
                            text(given, "endpointSPIFFEID")),
                    bundle(given));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("could not parse item " + position + ": " + e.getMessage(), e);
        }
    }

    /** What is there, under its right name. */
    private static JsonObject named(JsonObject given, List<String> names) {
        var found = new JsonObject();
        for (var member : given.entrySet()) {
            if (!member.getValue().isJsonNull()) {
                found.add(name(member.getKey(), names), member.getValue());
            }
        }
        return found;
    }

    private static String name(String given, List<String> names) {
        return names.stream()
                .filter(given::equalsIgnoreCase)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("unknown member \"" + given + "\", "
                        + Nearest.to(given, names)
                                .map(near -> "did you mean " + near + "?")
                                .orElse("expected one of " + String.join(", ", names))));
    }

    private static String text(JsonObject given, String name) {
        return given.has(name) ? given.get(name).getAsString() : "";
    }

    /** PEM stands there as a string, a document as it is. */
    private static Optional<Enclosed> bundle(JsonObject given) {
        if (!given.has("trustDomainBundle")) {
            return Optional.empty();
        }
        var bundle = given.get("trustDomainBundle");
        var enclosed = switch (text(given, "trustDomainBundleFormat")) {
            case "pem" -> new Enclosed(BundleFormat.PEM, bundle.getAsString());
            case "spiffe" -> new Enclosed(BundleFormat.SPIFFE, bundle.toString());
            case String other ->
                throw new IllegalArgumentException("cannot parse bundle raw message: bundle format \"" + other
                        + "\" is unsupported; expected pem or spiffe");
        };
        return Optional.of(enclosed);
    }
}
