// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import io.countersign.sidecar.bootstrap.TlsSettings.SecretRef;
import io.countersign.sidecar.bootstrap.TlsSettings.Validation;
import io.countersign.sidecar.bootstrap.TlsSettings.Version;
import io.countersign.sidecar.match.SanMatcher;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads TLS contexts. */
final class TlsReader {
    private static final String TLS = "envoy.extensions.transport_sockets.tls.v3.";
    private static final String FROM_AGENT = "name a secret of the agent in ";
    /** Also towards servers, where Envoy has 1.2: in 1.3 nobody on the way reads who the two are. */
    private static final Version STANDARD_MOST = Version.TLSV1_3;

    private static final SecretRef NONE = new SecretRef.AtAgent("", "", Map.of(), Duration.ZERO);

    private TlsReader() {}

    static Optional<TlsSettings.Downstream> downstream(Section parent) {
        return config(parent, "DownstreamTlsContext").map(section -> {
            try (section) {
                // sessions are never resumed here, whatever the file says: a resumed peer would not be verified again
                section.bool("disable_stateless_session_resumption", true);
                section.bool("disable_stateful_session_resumption", true);
                section.refuse("session_ticket_keys", "sessions are not resumed, so there are no tickets");
                section.refuse("session_ticket_keys_sds_secret_config", "sessions are not resumed");
                section.refuse("require_sni", "name the servers in filter_chain_match.server_names");
                boolean require = section.bool("require_client_certificate", false);
                var common = common(section);
                if (common.certificate().isEmpty()) {
                    section.problem("common_tls_context", "has no certificate to show to clients");
                }
                if (require && common.validation().isEmpty()) {
                    section.problem(
                            "require_client_certificate",
                            "is true, but nothing says which certificates are good; name the authorities in "
                                    + "combined_validation_context");
                }
                return new TlsSettings.Downstream(common, require);
            }
        });
    }

    static Optional<TlsSettings.Upstream> upstream(Section parent) {
        return config(parent, "UpstreamTlsContext").map(section -> {
            try (section) {
                section.integer("max_session_keys", 0, 0, Integer.MAX_VALUE);
                section.refuse("auto_host_sni", "write the name into sni");
                section.refuse("auto_sni_san_validation", "write match_typed_subject_alt_names");
                if (section.bool("allow_renegotiation", false)) {
                    section.problem("allow_renegotiation", "is true, but renegotiation is never allowed here");
                }
                var common = common(section);
                if (common.validation().isEmpty()) {
                    section.problem(
                            "common_tls_context",
                            "demands nothing of the server; name the authorities in combined_validation_context");
                }
                return new TlsSettings.Upstream(common, section.string("sni", ""));
            }
        });
    }

    private static Optional<Section> config(Section parent, String type) {
        return parent.section("transport_socket").flatMap(socket -> {
            try (socket) {
                socket.withoutEffect("name");
                var config = socket.section("typed_config");
                if (config.isEmpty()) {
                    socket.problem("typed_config", "is missing, expected " + TLS + type);
                    return Optional.empty();
                }
                var found = config.get().type();
                if (!found.equals(TLS + type)) {
                    config.get().problem("@type", "is \"" + found + "\", expected " + TLS + type);
                    return Optional.empty();
                }
                return config;
            }
        });
    }

    private static TlsSettings common(Section parent) {
        var found = parent.section("common_tls_context");
        if (found.isEmpty()) {
            parent.problem("", "needs a common_tls_context");
            return new TlsSettings(
                    Optional.empty(),
                    Optional.empty(),
                    Version.TLSV1_2,
                    STANDARD_MOST,
                    List.of(),
                    List.of(),
                    List.of());
        }
        try (var section = found.get()) {
            if (section.has("require_client_certificate")) {
                section.problem(
                        "require_client_certificate", "stands one level too deep, move it beside common_tls_context");
            }
            var certificates = new ArrayList<SecretRef>();
            section.sections("tls_certificate_sds_secret_configs").forEach(one -> certificates.add(secret(one)));
            section.sections("tls_certificates").forEach(one -> certificates.add(FileSecretReader.identity(one)));
            if (certificates.size() > 1) {
                section.problem("", "has " + certificates.size() + " certificates, expected one identity");
            }
            var limits = limits(section);
            return new TlsSettings(
                    certificates.stream().findFirst(),
                    validation(section),
                    limits.least(),
                    limits.most(),
                    limits.ciphers(),
                    limits.groups(),
                    section.strings("alpn_protocols"));
        }
    }

    private record TlsLimits(Version least, Version most, List<String> ciphers, List<String> groups) {}

    private static TlsLimits limits(Section common) {
        var params = common.section("tls_params");
        if (params.isEmpty()) {
            return new TlsLimits(Version.TLSV1_2, STANDARD_MOST, TlsNames.standardSuites(), List.of());
        }
        try (var section = params.get()) {
            var least = version(section, "tls_minimum_protocol_version", Version.TLSV1_2);
            var most = version(section, "tls_maximum_protocol_version", STANDARD_MOST);
            if (least.compareTo(most) > 0) {
                section.problem("tls_minimum_protocol_version", "is above the maximum, which is " + most);
            }
            section.refuse("signature_algorithms", "the standard ones are used");
            section.refuse("compliance_policies", "write versions, suites and curves");
            return new TlsLimits(least, most, suites(section), curves(section));
        }
    }

    private static List<String> curves(Section section) {
        var curves = split(section.strings("ecdh_curves").stream(), ":");
        for (var curve : curves) {
            if (!TlsNames.CURVES.contains(curve)) {
                section.problem("ecdh_curves", "has \"" + curve + "\", expected some of " + TlsNames.CURVES);
            }
        }
        return curves;
    }

    /** Of those in brackets Envoy lets the client choose; here they are preferred as they stand. */
    private static List<String> suites(Section section) {
        var names =
                split(section.strings("cipher_suites").stream().map(item -> item.replaceAll("[\\[\\]]", "")), "[:|]");
        var suites = new ArrayList<String>();
        for (var name : names) {
            var suite = TlsNames.suite(name);
            if (suite.isPresent()) {
                suites.add(suite.get());
            } else if (TlsNames.isOfTls13(name)) {
                section.problem(
                        "cipher_suites", "has \"" + name + "\" of TLS 1.3, whose suites are always used; remove it");
            } else {
                section.problem("cipher_suites", "has \"" + name + "\", expected some of " + TlsNames.SUITES);
            }
        }
        return names.isEmpty() ? TlsNames.standardSuites() : suites;
    }

    /** OpenSSL joins and splits at colons, and files in the wild have whole lists in one item. */
    private static List<String> split(Stream<String> items, String marks) {
        return items.flatMap(item -> Stream.of(item.split(marks))).toList();
    }

    private static Version version(Section section, String key, Version standard) {
        var text = section.string(key, "TLS_AUTO").toUpperCase(Locale.ROOT);
        return switch (text) {
            case "TLS_AUTO" -> standard;
            case "TLSV1_2" -> Version.TLSV1_2;
            case "TLSV1_3" -> Version.TLSV1_3;
            default -> {
                section.problem(key, "is \"" + text + "\", expected TLSv1_2 or TLSv1_3");
                yield standard;
            }
        };
    }

    private static Optional<Validation> validation(Section common) {
        var combined = common.section("combined_validation_context");
        if (combined.isPresent()) {
            try (var section = combined.get()) {
                var trust = secret(section, "validation_context_sds_secret_config");
                var demands = section.section("default_validation_context").map(inner -> {
                    try (inner) {
                        inner.refuse("trusted_ca", FROM_AGENT + "validation_context_sds_secret_config");
                        return demands(inner, trust);
                    }
                });
                return Optional.of(demands.orElse(new Validation(trust, List.of(), List.of(), false)));
            }
        }
        var inFile = common.section("validation_context");
        if (inFile.isPresent()) {
            try (var section = inFile.get()) {
                return Optional.of(demands(section, FileSecretReader.trust(section)));
            }
        }
        return common.has("validation_context_sds_secret_config")
                ? Optional.of(new Validation(
                        secret(common, "validation_context_sds_secret_config"), List.of(), List.of(), false))
                : Optional.empty();
    }

    /** Does not close the section. */
    private static Validation demands(Section section, SecretRef trust) {
        section.refuse("custom_validator_config", "the agent sends it with the secret");
        section.refuse("verify_certificate_spki", "use verify_certificate_hash");
        section.refuse("crl", "short-lived certificates are not revoked by lists here");
        if (section.string("trust_chain_verification", "VERIFY_TRUST_CHAIN").equalsIgnoreCase("ACCEPT_UNTRUSTED")) {
            section.problem("trust_chain_verification", "is ACCEPT_UNTRUSTED, but peers are always verified here");
        }
        var names = new ArrayList<SanMatcher>();
        for (var matcher : section.sections("match_typed_subject_alt_names")) {
            names.add(san(matcher));
        }
        for (var matcher : section.sections("match_subject_alt_names")) {
            names.add(new SanMatcher(SanMatcher.Kind.ANY, MatcherReader.string(matcher)));
        }
        var fingerprints = section.strings("verify_certificate_hash").stream()
                .map(text -> text.replace(":", "").toLowerCase(Locale.ROOT))
                .toList();
        return new Validation(trust, names, fingerprints, section.bool("allow_expired_certificate", false));
    }

    private static SanMatcher san(Section section) {
        try (section) {
            var kind = section.choice("san_type", SanMatcher.Kind.ANY);
            if (kind == SanMatcher.Kind.ANY) {
                section.problem("san_type", "expected URI, DNS, EMAIL or IP_ADDRESS");
            }
            return new SanMatcher(kind, MatcherReader.string(section, "matcher"));
        }
    }

    private static SecretRef secret(Section parent, String key) {
        var section = parent.section(key);
        if (section.isEmpty()) {
            parent.problem(key, "is missing");
            return NONE;
        }
        return secret(section.get());
    }

    private static SecretRef secret(Section section) {
        try (section) {
            var name = section.required("name");
            var config = section.section("sds_config");
            if (config.isEmpty()) {
                section.problem("sds_config", "is missing: secrets come from an agent, not from this file");
                return NONE;
            }
            try (var source = config.get()) {
                source.refuse("ads", FROM_AGENT + "api_config_source");
                v3(source, "resource_api_version");
                var wait = source.duration("initial_fetch_timeout", Duration.ofSeconds(15));
                var file = document(source);
                return file.isPresent() ? new SecretRef.InDocument(name, file.get()) : api(source, name, wait);
            }
        }
    }

    private static Optional<Path> document(Section source) {
        var old = source.string("path");
        if (old.isPresent()) {
            return old.map(Path::of);
        }
        return source.section("path_config_source").map(section -> {
            try (section) {
                section.section("watched_directory").ifPresent(FileSecretReader::watched);
                return Path.of(section.required("path"));
            }
        });
    }

    private static SecretRef api(Section source, String name, Duration wait) {
        var found = source.section("api_config_source");
        if (found.isEmpty()) {
            source.problem("api_config_source", "is missing");
            return NONE;
        }
        try (var api = found.get()) {
            v3(api, "transport_api_version");
            if (!api.string("api_type", "GRPC").equalsIgnoreCase("GRPC")) {
                api.problem("api_type", "is \"" + api.string("api_type", "") + "\", expected GRPC");
            }
            // one message is sent to subscribe; a later acknowledgement waits for nobody
            api.withoutEffect("set_node_on_first_message_only");
            var services = api.sections("grpc_services");
            if (services.size() != 1) {
                api.problem("grpc_services", "has " + services.size() + " items, expected one");
                return NONE;
            }
            try (var service = services.getFirst()) {
                service.refuse("google_grpc", "use envoy_grpc with a cluster whose endpoint is a pipe");
                service.refuse("timeout", "a stream of secrets has no end");
                return new SecretRef.AtAgent(name, cluster(service), GrpcServiceReader.metadata(service), wait);
            }
        }
    }

    private static String cluster(Section service) {
        var grpc = service.section("envoy_grpc");
        if (grpc.isEmpty()) {
            service.problem("envoy_grpc", "is missing");
            return "";
        }
        try (var section = grpc.get()) {
            section.refuse("authority", "the agent does not look at it");
            return section.required("cluster_name");
        }
    }

    /** What is not said is V3, which is the only one that there is. */
    private static void v3(Section section, String key) {
        var version = section.string(key, "AUTO");
        if (!version.equalsIgnoreCase("V3") && !version.equalsIgnoreCase("AUTO")) {
            section.problem(key, "is " + version + ", expected V3");
        }
    }
}
