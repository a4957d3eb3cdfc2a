// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.config;

import io.countersign.launch.config.ConfigBlock;
import io.countersign.launch.config.ConfigBlock.LabeledBlock;
import io.countersign.launch.plugin.PluginJar;
import io.countersign.plugin.PluginContext;
import io.countersign.plugin.node.ServerNodeAttestor;
import io.countersign.server.agentpath.AgentPathTemplate;
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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** The blocks {@code NodeAttestor}; each attestor may be there once. */
final class NodeAttestorSection {
    private static final List<String> BUILT_IN =
            List.of("http_challenge", "join_token", "k8s_psat", "sshpop", "x509pop");
    private static final Pattern PLUGIN_NAME = Pattern.compile("[A-Za-z0-9_-]+");
    private static final String API = "io.countersign.plugin.";
    private static final int MOST_INTERMEDIATES = 4;
    private static final int LONGEST_RSA_KEY = 8192;
    private static final String STANDARD_PREFIX = "/spire-exchange/";
    private static final Fields X509POP_FIELDS = new Fields(
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

    private NodeAttestorSection() {}

    static List<NodeAttestorSettings> read(List<LabeledBlock> attestors, String trustDomain) {
        var found = new ArrayList<NodeAttestorSettings>();
        var names = new HashSet<String>();
        for (var attestor : attestors) {
            if (!names.add(attestor.label())) {
                attestor.block().problem("", "is there twice, expected one of that name");
            }
            (attestor.block().has("plugin_jar") ? plugin(attestor, trustDomain) : builtIn(attestor))
                    .ifPresent(found::add);
        }
        return found;
    }

    /** Nothing for join tokens, which need no settings, and where something is wrong. */
    private static Optional<? extends NodeAttestorSettings> builtIn(LabeledBlock attestor) {
        var data = PluginSection.data(attestor);
        return switch (attestor.label()) {
            case "join_token" -> Optional.empty();
            // every one of its settings has a standard
            case "http_challenge" ->
                Optional.of(data.map(HttpChallengeSection::read).orElse(HttpChallengeSection.STANDARD));
            case "k8s_psat" -> required(attestor, data).map(K8sPsatSection::read);
            case "sshpop" -> required(attestor, data).map(SshPopSection::read);
            case "x509pop" -> required(attestor, data).map(NodeAttestorSection::x509Pop);
            default -> {
                PluginSection.refuse(
                        attestor, data, "node attestor", String.join(", ", BUILT_IN) + ", or a plugin with plugin_jar");
                yield Optional.empty();
            }
        };
    }

    /** In whose name a plugin lets nodes in, as a part of SPIFFE IDs. */
    private static Optional<NodeAttestorSettings> plugin(LabeledBlock attestor, String trustDomain) {
        var name = attestor.label();
        var block = attestor.block();
        var settings = PluginSection.jarData(attestor).map(ConfigBlock::values).orElse(Map.of());
        if (BUILT_IN.contains(name) || !PLUGIN_NAME.matcher(name).matches()) {
            block.problem(
                    "plugin_jar",
                    "is there for \"" + name + "\", expected a name of letters, digits, dashes and"
                            + " underscores that is none of " + String.join(", ", BUILT_IN));
            return Optional.empty();
        }
        var provider =
                PluginJar.find(block, name, ServerNodeAttestor.Provider.class, API, ServerNodeAttestor.Provider::name);
        try {
            return provider.map(found ->
                    new NodeAttestorSettings.Plugin(name, found.create(new PluginContext(trustDomain, settings))));
        } catch (IllegalArgumentException e) {
            block.problem("plugin_data", String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private static Optional<ConfigBlock> required(LabeledBlock attestor, Optional<ConfigBlock> data) {
        if (data.isEmpty()) {
            attestor.block().problem("plugin_data", "is missing, expected the settings of the attestor");
        }
        return data;
    }

    private static X509Pop x509Pop(ConfigBlock data) {
        var trust = trust(data);
        var standardPath = switch (trust) {
            case Trust.External _ -> "/{{ .PluginName }}/{{ .Fingerprint }}";
            case Trust.Spiffe _ -> "/{{ .PluginName }}/{{ .SVIDPathTrimmed }}";
        };
        return new X509Pop(
                trust,
                agentPath(data, standardPath, X509POP_FIELDS),
                positive(data, "max_intermediates", MOST_INTERMEDIATES),
                positive(data, "max_rsa_key_size", LONGEST_RSA_KEY),
                data.bool("verify_client_ip", false));
    }

    private static Trust trust(ConfigBlock data) {
        data.refuse("svid_prefix", "is how the original's documentation calls spiffe_prefix; write spiffe_prefix");
        var file = data.string("ca_bundle_path", "");
        var files = data.strings("ca_bundle_paths");
        var prefix = data.string("spiffe_prefix", STANDARD_PREFIX);
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
            data.problem(key, "the file " + file + " cannot be read: " + e.getMessage());
        } catch (IllegalArgumentException e) {
            data.problem(key, "the file " + file + " is of no use: " + e.getMessage());
        }
        return List.of();
    }

    /** The setting {@code agent_path_template}. */
    static AgentPathTemplate agentPath(ConfigBlock data, String standard, Fields fields) {
        var text = data.string("agent_path_template", "");
        try {
            return AgentPathTemplate.parse(text.isEmpty() ? standard : text, fields);
        } catch (IllegalArgumentException e) {
            data.problem("agent_path_template", String.valueOf(e.getMessage()));
            return AgentPathTemplate.parse(standard, fields);
        }
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
