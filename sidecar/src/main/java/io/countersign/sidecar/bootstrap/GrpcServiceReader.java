// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import io.countersign.sidecar.bootstrap.Cluster.Balancing;
import io.countersign.sidecar.bootstrap.Cluster.Discovery;
import io.countersign.sidecar.bootstrap.Cluster.Families;
import io.countersign.sidecar.bootstrap.Cluster.Limits;
import io.countersign.sidecar.bootstrap.GrpcService.Target;
import io.countersign.sidecar.flow.Buffers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads where gRPC services are. */
final class GrpcServiceReader {
    private static final Pattern HOST_AND_PORT = Pattern.compile("(?:dns:(?:///)?|ipv4:)?([^/:\\[\\]]+):([0-9]{1,5})");
    private static final Pattern IPV6_AND_PORT = Pattern.compile("(?:dns:(?:///)?|ipv6:)?\\[([^\\]]+)\\]:([0-9]{1,5})");
    private static final Pattern SOCKET = Pattern.compile("unix:(?://)?(.+)");
    /** As gRPC has it, once it is in lower case. */
    private static final Pattern METADATA_KEY = Pattern.compile("[-_.0-9a-z]+");

    private static final Pattern PRINTABLE = Pattern.compile("[ -~]*");
    private static final Target NOWHERE = new Target.Named("");
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private GrpcServiceReader() {}

    /** Closes the section. */
    static GrpcService read(Section section, Duration timeout) {
        try (section) {
            section.refuse("retry_policy", "one attempt is made");
            return new GrpcService(target(section), section.duration("timeout", timeout), metadata(section));
        }
    }

    /** What is sent with each call. Does not close the section. */
    static Map<String, String> metadata(Section section) {
        var result = new LinkedHashMap<String, String>();
        for (var item : section.sections("initial_metadata")) {
            try (item) {
                item.refuse("raw_value", "write value");
                var key = item.required("key").toLowerCase(Locale.ROOT);
                if (item.has("key") && !METADATA_KEY.matcher(key).matches()) {
                    item.problem("key", "is \"" + key + "\", expected letters, digits, \"-\", \"_\" and \".\"");
                } else if (key.endsWith("-bin")) {
                    item.problem("key", "is \"" + key + "\", but -bin stands for bytes; give it another name");
                }
                var value = item.string("value", "");
                if (!PRINTABLE.matcher(value).matches()) {
                    // which may be a secret
                    item.problem("value", "has letters that gRPC does not send, expected printable ASCII");
                }
                result.put(key, value);
            }
        }
        return result;
    }

    private static Target target(Section section) {
        var named = section.section("envoy_grpc");
        if (named.isPresent()) {
            try (var inner = named.get()) {
                inner.refuse("authority", "the cluster's name is sent");
                inner.refuse("retry_policy", "one attempt is made");
                inner.refuse("max_receive_message_length", "answers have at most 4 MiB");
                inner.refuse("skip_envoy_headers", "none are sent");
                return new Target.Named(inner.required("cluster_name"));
            }
        }
        var direct = section.section("google_grpc");
        if (direct.isPresent()) {
            try (var inner = direct.get()) {
                return google(inner);
            }
        }
        section.problem("", "names no service, expected envoy_grpc or google_grpc");
        return NOWHERE;
    }

    private static Target google(Section section) {
        // counters stand below the cluster
        section.withoutEffect("stat_prefix");
        var secure =
                "is not supported: the connection is plain; for TLS use envoy_grpc and a cluster with transport_socket";
        for (var key : List.of("channel_credentials", "call_credentials", "credentials_factory_name")) {
            if (section.has(key)) {
                section.problem(key, secure);
            }
        }
        section.refuse("config", "credentials come from the cluster that envoy_grpc names");
        section.refuse("channel_args", "use envoy_grpc and the settings of a cluster");
        section.refuse("per_stream_buffer_limit_bytes", "answers have at most 4 MiB");
        var uri = section.required("target_uri");
        var address = address(uri);
        if (address.isEmpty()) {
            section.problem("target_uri", "is \"" + uri + "\", expected host:port or unix:/path");
            return NOWHERE;
        }
        return new Target.Direct(cluster(uri, address.get()));
    }

    private static Optional<Address> address(String uri) {
        var socket = SOCKET.matcher(uri);
        if (socket.matches()) {
            return Optional.of(new Address.Unix(Path.of(socket.group(1))));
        }
        for (var pattern : List.of(HOST_AND_PORT, IPV6_AND_PORT)) {
            var matcher = pattern.matcher(uri);
            if (matcher.matches() && Integer.parseInt(matcher.group(2)) <= 65535) {
                return Optional.of(new Address.Tcp(matcher.group(1), Integer.parseInt(matcher.group(2))));
            }
        }
        return Optional.empty();
    }

    private static Cluster cluster(String name, Address address) {
        boolean literal = !(address instanceof Address.Tcp tcp)
                || RbacReader.literal(tcp.host()).isPresent();
        return new Cluster(
                name,
                name,
                literal ? Discovery.STATIC : Discovery.STRICT_DNS,
                List.of(address),
                PATIENCE,
                Duration.ofHours(1),
                PATIENCE,
                Families.AUTO,
                Balancing.ROUND_ROBIN,
                true,
                Buffers.STANDARD,
                new Limits(1024, 1024, 1024, 3),
                Optional.empty(),
                50,
                Optional.empty());
    }
}
