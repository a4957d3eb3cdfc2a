// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import io.countersign.sidecar.bootstrap.JwtProvider.Keys;
import io.countersign.sidecar.bootstrap.JwtProvider.Location;
import io.countersign.sidecar.jwt.Jwks;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Reads whose tokens are good. */
final class JwtProviderReader {
    private static final Keys NONE = new Keys.Inline("");

    private JwtProviderReader() {}

    /** Closes the section. */
    static JwtProvider read(String name, Section section, OwnSettings own) {
        try (section) {
            refuseKnown(section);
            // how many tokens are remembered; here none is, and each is checked
            section.withoutEffect("jwt_cache_config");
            var audiences = section.strings("audiences");
            var inFile = keys(section);
            var cluster = own.jwtSvidProviders().get(name);
            if (cluster != null && audiences.isEmpty()) {
                section.problem("audiences", "is missing; a JWT-SVID is good for those only that it names");
            }
            return new JwtProvider(
                    section.string("issuer", ""),
                    audiences,
                    cluster == null ? inFile : new Keys.OfAgent(cluster),
                    locations(section),
                    section.bool("forward", false),
                    section.string("forward_payload_header", "").toLowerCase(Locale.ROOT),
                    section.bool("pad_forward_payload_header", false),
                    Duration.ofSeconds(section.integer("clock_skew_seconds", 60, 1, 86_400)));
        }
    }

    private static void refuseKnown(Section section) {
        section.refuse("payload_in_metadata", "there is no dynamic metadata; use forward_payload_header");
        section.refuse("header_in_metadata", "there is no dynamic metadata");
        section.refuse("failed_status_in_metadata", "there is no dynamic metadata");
        section.refuse("normalize_payload_in_metadata", "there is no dynamic metadata");
        section.refuse("claim_to_headers", "use forward_payload_header");
        section.refuse("clear_route_cache", "no header is made of a claim");
        section.refuse("from_cookies", "use from_headers or from_params");
        section.refuse("subjects", "let the program behind look at the payload, or a service by ext_authz");
        section.refuse("require_expiration", "name the provider in node.metadata.countersign.jwt_svid_providers");
        section.refuse("max_lifetime", "set the life of tokens where they are issued");
    }

    private static List<Location> locations(Section section) {
        var result = new ArrayList<Location>();
        for (var header : section.sections("from_headers")) {
            try (header) {
                result.add(new Location.Header(
                        header.required("name").toLowerCase(Locale.ROOT), header.string("value_prefix", "")));
            }
        }
        section.strings("from_params").forEach(name -> result.add(new Location.Parameter(name)));
        return result.isEmpty()
                ? List.of(new Location.Header("authorization", "Bearer "), new Location.Parameter("access_token"))
                : result;
    }

    private static Keys keys(Section section) {
        var local = section.section("local_jwks");
        if (local.isPresent()) {
            try (var source = local.get()) {
                source.refuse("inline_bytes", "write inline_string");
                source.refuse("environment_variable", "write filename");
                source.refuse("watched_directory", "use remote_jwks for keys that change");
                return source.has("filename") ? inFile(source) : inline(source);
            }
        }
        var remote = section.section("remote_jwks");
        if (remote.isPresent()) {
            return remote(remote.get());
        }
        section.problem("", "has no keys, expected local_jwks or remote_jwks");
        return NONE;
    }

    private static Keys inline(Section source) {
        var text = source.required("inline_string");
        try {
            Jwks.parse(text.getBytes(StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            source.problem("inline_string", "cannot be used: " + e.getMessage());
        }
        return new Keys.Inline(text);
    }

    private static Keys inFile(Section source) {
        var file = Path.of(source.required("filename"));
        try {
            Jwks.parse(Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            source.problem("filename", "is \"" + file + "\", which is not there");
        } catch (IOException e) {
            source.problem("filename", "is \"" + file + "\", which cannot be read: " + e.getMessage());
        } catch (IllegalArgumentException e) {
            source.problem("filename", "is \"" + file + "\", which cannot be used: " + e.getMessage());
        }
        return new Keys.InFile(file);
    }

    private static Keys remote(Section section) {
        try (section) {
            section.refuse("async_fetch", "keys are fetched for the first token that needs them");
            section.refuse("retry_policy", "the next token that needs the keys has them fetched again");
            var cache = section.duration("cache_duration", Duration.ofMinutes(10));
            var target = section.section("http_uri");
            if (target.isEmpty()) {
                section.problem("http_uri", "is missing");
                return NONE;
            }
            try (var http = target.get()) {
                var uri = http.required("uri");
                if (!isUri(uri)) {
                    http.problem("uri", "is \"" + uri + "\", expected an address such as https://oidc.test/keys");
                }
                return new Keys.Remote(
                        uri, http.required("cluster"), http.duration("timeout", Duration.ofSeconds(1)), cache);
            }
        }
    }

    private static boolean isUri(String text) {
        try {
            return URI.create(text).getRawAuthority() != null;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
