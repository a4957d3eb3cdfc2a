// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.config;

import io.countersign.launch.FileFailure;
import io.countersign.launch.config.ConfigBlock;
import io.countersign.server.agentpath.AgentPathTemplate.Fields;
import io.countersign.server.config.NodeAttestorSettings.Trust;
import io.countersign.server.config.NodeAttestorSettings.X509Pop;
import io.countersign.spiffe.x509.Pem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The settings of {@code NodeAttestor "x509pop"}. */
final class X509PopSection {
    private static final int MOST_INTERMEDIATES = 4;
    private static final int LONGEST_RSA_KEY = 8192;
    private static final String STANDARD_PREFIX = "/spire-exchange/";
    private static final Fields FIELDS = new Fields(
            Set.of(
                    "PluginName",
                    "TrustDomain",
                    "Fingerprint",
                    "SerialNumber",
                    "SerialNumberHex",
                    "Subject.CommonName",
                    "Subject.SerialNumber",
                    "Issuer.CommonName",
                    "SVIDPathTrimmed"),
            Set.of("URISanSelectors"));

    private X509PopSection() {}

    static X509Pop read(ConfigBlock data) {
        var trust = trust(data);
        var standardPath = switch (trust) {
            case Trust.External _ -> "/{{ .PluginName }}/{{ .Fingerprint }}";
            case Trust.Spiffe _ -> "/{{ .PluginName }}/{{ .SVIDPathTrimmed }}";
        };
        return new X509Pop(
                trust,
                NodeAttestorSection.agentPath(data, standardPath, FIELDS),
                positive(data, "max_intermediates", MOST_INTERMEDIATES),
                positive(data, "max_rsa_key_size", LONGEST_RSA_KEY),
                data.bool("verify_client_ip", false));
    }

    private static Trust trust(ConfigBlock data) {
        data.refuse("svid_prefix", "is how the original's documentation calls spiffe_prefix; write spiffe_prefix");
        var file = data.string("ca_bundle_path", "");
        var files = data.strings("ca_bundle_paths");
        // an empty one is not the standard but lets every path in, as with the original
        var prefix = data.has("spiffe_prefix") ? data.string("spiffe_prefix", "") : STANDARD_PREFIX;
        var mode = data.string("mode", "");
        return switch (mode) {
            case "spiffe" -> {
                for (var key : List.of("ca_bundle_path", "ca_bundle_paths")) {
                    data.refuse(key, "counts for nothing where the mode is spiffe; remove it");
                }
                yield spiffe(data, prefix.endsWith("/") ? prefix : prefix + "/");
            }
            case "", "external_pki" -> {
                data.refuse("spiffe_prefix", "counts where the mode is spiffe only; remove it");
                yield external(data, file, files);
            }
            default -> {
                data.problem("mode", "\"" + mode + "\" was found, expected external_pki or spiffe");
                yield new Trust.Spiffe(STANDARD_PREFIX);
            }
        };
    }

    private static Trust spiffe(ConfigBlock data, String prefix) {
        if (!prefix.startsWith("/")) {
            data.problem("spiffe_prefix", "\"" + prefix + "\" was found, expected a path that begins with a slash");
        }
        return new Trust.Spiffe(prefix);
    }

    private static Trust external(ConfigBlock data, String file, List<String> files) {
        if (!file.isEmpty() && !files.isEmpty()) {
            data.problem("ca_bundle_paths", "is given beside ca_bundle_path, expected only one of them");
        } else if (file.isEmpty() && files.isEmpty()) {
            data.problem("ca_bundle_path", "is missing, expected it or ca_bundle_paths");
        }
        var authorities = new ArrayList<X509Certificate>();
        if (!file.isEmpty()) {
            authorities.addAll(certificates(data, "ca_bundle_path", file));
        }
        files.forEach(each -> authorities.addAll(certificates(data, "ca_bundle_paths", each)));
        return new Trust.External(authorities);
    }

    private static List<X509Certificate> certificates(ConfigBlock data, String key, String file) {
        try {
            return Pem.parseCertificates(Files.readAllBytes(Path.of(file)));
        } catch (NoSuchFileException e) {
            data.problem(key, "the file " + file + " is not there");
        } catch (IOException e) {
            data.problem(key, "the file " + file + " cannot be read: " + FileFailure.words(e));
        } catch (IllegalArgumentException e) {
            data.problem(key, "the file " + file + " is of no use: " + e.getMessage());
        }
        return List.of();
    }

    private static int positive(ConfigBlock data, String key, int absent) {
        int number = data.integer(key, absent);
        if (number < 1) {
            data.problem(key, number + " was found, expected at least 1");
            return absent;
        }
        return number;
    }
}
