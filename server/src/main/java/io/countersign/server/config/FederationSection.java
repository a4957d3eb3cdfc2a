// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.config;

import io.countersign.datastore.federation.BundleEndpoint;
import io.countersign.datastore.federation.BundleEndpoint.HttpsSpiffe;
import io.countersign.datastore.federation.BundleEndpoint.HttpsWeb;
import io.countersign.datastore.federation.BundleEndpoint.Profile;
import io.countersign.launch.config.ConfigBlock;
import io.countersign.launch.config.ConfigBlock.LabeledBlock;
import io.countersign.server.config.ServerConfig.Endpoint;
import io.countersign.server.config.ServerConfig.Federation;
import io.countersign.server.config.ServerConfig.Serving;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** The block {@code federation}. Where SPIRE lets an unknown key pass, this says so. */
final class FederationSection {
    private static final String PROFILE = "profile";
    private static final String PROFILES = "expected exactly one of \"https_spiffe\" and \"https_web\"";
    private static final String NO_ACME = "acme is not supported here; use serving_cert_file";
    private static final Duration STANDARD_HINT = Duration.ofMinutes(5);
    private static final Duration STANDARD_SYNC = Duration.ofHours(1);
    private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");
    private static final int HIGHEST_PORT = 65535;

    private FederationSection() {}

    static Federation read(ConfigBlock server, TrustDomain own, Notices notices) {
        return server.block("federation")
                .map(block -> new Federation(
                        block.block("bundle_endpoint").flatMap(endpoint -> endpoint(endpoint, notices)),
                        others(block, own)))
                .orElse(Federation.NONE);
    }

    private static Map<TrustDomain, BundleEndpoint> others(ConfigBlock block, TrustDomain own) {
        var others = new HashMap<TrustDomain, BundleEndpoint>();
        for (var other : block.mergedBlocks("federates_with")) {
            var endpoint = bundleEndpoint(other.block());
            try {
                var name = TrustDomain.parse(other.label());
                if (name.equals(own)) {
                    other.block()
                            .problem("", "\"" + own + "\" is this server's own trust domain, expected another one");
                }
                endpoint.ifPresent(found -> others.put(name, found));
            } catch (IllegalArgumentException e) {
                other.block().problem("", String.valueOf(e.getMessage()));
            }
        }
        return others;
    }

    private static Optional<BundleEndpoint> bundleEndpoint(ConfigBlock block) {
        var url = block.string("bundle_endpoint_url", "");
        var profile = one(block, "bundle_endpoint_profile").flatMap(FederationSection::profile);
        try {
            return profile.map(known -> BundleEndpoint.parse(url, known));
        } catch (IllegalArgumentException e) {
            block.problem("bundle_endpoint_url", "\"" + url + "\": " + e.getMessage());
            return Optional.empty();
        }
    }

    private static Optional<Profile> profile(LabeledBlock profile) {
        return switch (profile.label()) {
            case "https_web" -> Optional.of(new HttpsWeb());
            case "https_spiffe" -> endpointId(profile.block()).map(HttpsSpiffe::new);
            default -> unknown(profile);
        };
    }

    private static Optional<SpiffeId> endpointId(ConfigBlock profile) {
        try {
            return Optional.of(SpiffeId.parse(profile.string("endpoint_spiffe_id", "")));
        } catch (IllegalArgumentException e) {
            profile.problem("endpoint_spiffe_id", String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private static Optional<Endpoint> endpoint(ConfigBlock block, Notices notices) {
        block.refuse("acme", NO_ACME);
        var hint = block.duration("refresh_hint", STANDARD_HINT);
        if (hint.toSeconds() < 1) {
            block.problem("refresh_hint", "\"" + hint + "\" was found, expected a second or more");
        }
        var address = address(block);
        var serving = servingOf(block, notices);
        return address.flatMap(where -> serving.map(what -> new Endpoint(where, hint, what)));
    }

    private static Optional<InetSocketAddress> address(ConfigBlock block) {
        var host = block.string("address", "0.0.0.0");
        if (!ADDRESS.matcher(host).matches()) {
            block.problem("address", "\"" + host + "\" is no ip address, expected one like 0.0.0.0");
            return Optional.empty();
        }
        int port = block.integer("port", 0);
        if (port < 1 || port > HIGHEST_PORT) {
            block.problem("port", "\"" + port + "\" is no port, expected 1 to " + HIGHEST_PORT);
            return Optional.empty();
        }
        return Optional.of(new InetSocketAddress(host, port));
    }

    /** Without a profile it is SPIFFE's, as with the original: it shows nobody more than the other would. */
    private static Optional<Serving> servingOf(ConfigBlock endpoint, Notices notices) {
        if (!endpoint.has(PROFILE)) {
            notices.add(
                    endpoint,
                    "",
                    "bundle_endpoint has no profile and gets profile \"https_spiffe\" {}; write that down");
            return Optional.of(new Serving.OwnSvid());
        }
        return one(endpoint, PROFILE).flatMap(FederationSection::serving);
    }

    private static Optional<Serving> serving(LabeledBlock profile) {
        return switch (profile.label()) {
            case "https_spiffe" -> Optional.of(new Serving.OwnSvid());
            case "https_web" -> files(profile.block());
            default -> unknown(profile);
        };
    }

    private static Optional<Serving> files(ConfigBlock web) {
        web.refuse("acme", NO_ACME);
        var files = web.block("serving_cert_file");
        if (files.isEmpty()) {
            web.problem("serving_cert_file", "is missing, expected cert_file_path and key_file_path in it");
        }
        return files.flatMap(block -> {
            var certificates = file(block, "cert_file_path");
            var key = file(block, "key_file_path");
            var sync = block.duration("file_sync_interval", STANDARD_SYNC);
            if (sync.isNegative()) {
                block.problem("file_sync_interval", "\"" + sync + "\" was found, expected none below 0");
            }
            if (certificates.isEmpty() || key.isEmpty()) {
                return Optional.empty();
            }
            // as with the original, 0 stands for the standard
            return Optional.of(
                    new Serving.Files(certificates.get(), key.get(), sync.isPositive() ? sync : STANDARD_SYNC));
        });
    }

    private static Optional<Path> file(ConfigBlock block, String key) {
        var path = block.string(key).filter(text -> !text.isEmpty());
        if (path.isEmpty()) {
            block.problem(key, "is missing, expected a file");
        }
        return path.map(Path::of);
    }

    /** The profile of another trust domain's endpoint is never guessed (SPIFFE Federation section 7.2). */
    private static Optional<LabeledBlock> one(ConfigBlock block, String key) {
        var found = block.labeledBlocks(key);
        if (found.size() != 1) {
            found.forEach(profile -> profile.block().anyKeys());
            block.problem(key, found.isEmpty() ? "is missing, " + PROFILES : found.size() + " were found, " + PROFILES);
            return Optional.empty();
        }
        return Optional.of(found.getFirst());
    }

    private static <T> Optional<T> unknown(LabeledBlock profile) {
        profile.block().anyKeys();
        profile.block().problem("", "\"" + profile.label() + "\" is no profile, " + PROFILES);
        return Optional.empty();
    }
}
