// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import io.countersign.sidecar.match.SanMatcher;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What both sides of a TLS connection have in common.
 *
 * @param certificate own identity; empty means that none is shown
 * @param validation what is demanded of the peer; empty means nothing
 * @param ciphers for TLS 1.2, by the names that IANA has for them
 * @param groups empty for the standard ones
 */
public record TlsSettings(
        Optional<SecretRef> certificate,
        Optional<Validation> validation,
        Version least,
        Version most,
        List<String> ciphers,
        List<String> groups,
        List<String> alpn) {
    public TlsSettings {
        ciphers = List.copyOf(ciphers);
        groups = List.copyOf(groups);
        alpn = List.copyOf(alpn);
    }

    public enum Version {
        TLSV1_2("TLSv1.2"),
        TLSV1_3("TLSv1.3");

        private final String protocol;

        Version(String protocol) {
            this.protocol = protocol;
        }

        public String protocol() {
            return protocol;
        }
    }

    /** Where a secret is to be had. */
    public sealed interface SecretRef {
        /** By which logs and pages call it. */
        String name();

        /**
         * A secret by name at an agent.
         *
         * @param cluster which cluster the agent is
         * @param metadata sent with the call as it stands
         * @param initialWait how long start-up waits for the secret; zero waits for ever
         */
        record AtAgent(String name, String cluster, Map<String, String> metadata, Duration initialWait)
                implements SecretRef {
            public AtAgent {
                metadata = Map.copyOf(metadata);
            }
        }

        /** An identity that no agent is asked for. */
        record Identity(Place chain, Place key) implements SecretRef {
            @Override
            public String name() {
                return chain.name();
            }
        }

        /** Authorities that no agent is asked for. */
        record Authorities(Place place) implements SecretRef {
            @Override
            public String name() {
                return place.name();
            }
        }

        /** A secret by name in a file that says what an agent would answer. */
        record InDocument(String name, Path file) implements SecretRef {}
    }

    /** Where a part of a secret stands. */
    public sealed interface Place {
        /** By which logs and pages call it. */
        String name();

        /** In a file that somebody else renews: the file helper, say. */
        record InFile(Path file) implements Place {
            @Override
            public String name() {
                return file.toString();
            }
        }

        /**
         * In the sidecar's own file, where nobody renews it.
         *
         * @param name its path in that file
         */
        record Inline(String name, String pem) implements Place {
            /** The content may be a private key. */
            @Override
            public String toString() {
                return "Inline[" + name + "]";
            }
        }
    }

    /**
     * @param trust the authorities
     * @param names one of them must match; empty means that any name does
     * @param fingerprints SHA-256 of acceptable leaf certificates, lower-case hex; empty means any
     */
    public record Validation(SecretRef trust, List<SanMatcher> names, List<String> fingerprints, boolean allowExpired) {
        public Validation {
            names = List.copyOf(names);
            fingerprints = List.copyOf(fingerprints);
        }
    }

    public record Downstream(TlsSettings common, boolean requireClientCertificate) {}

    /** @param serverName sent as SNI; empty sends none */
    public record Upstream(TlsSettings common, String serverName) {}
}
