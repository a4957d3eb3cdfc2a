// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import java.nio.file.Path;

/** Reads addresses. */
final class AddressReader {
    private static final Address.Tcp NOWHERE = new Address.Tcp("127.0.0.1", 0);

    private enum Protocol {
        TCP
    }

    private AddressReader() {}

    static Address any(Section parent, String key) {
        var address = parent.section(key);
        if (address.isEmpty()) {
            parent.problem(key, "is missing");
            return NOWHERE;
        }
        try (var section = address.get()) {
            section.refuse("envoy_internal_address", "use socket_address");
            var pipe = section.section("pipe");
            if (pipe.isPresent()) {
                try (var inner = pipe.get()) {
                    inner.refuse("mode", "this end only connects");
                    return new Address.Unix(Path.of(inner.required("path")));
                }
            }
            return socket(section);
        }
    }

    static Address.Tcp tcp(Section parent, String key) {
        if (any(parent, key) instanceof Address.Tcp tcp) {
            return tcp;
        }
        parent.problem(key, "is a pipe, expected a socket_address");
        return NOWHERE;
    }

    private static Address socket(Section section) {
        var socket = section.section("socket_address");
        if (socket.isEmpty()) {
            section.problem("", "expected socket_address or pipe");
            return NOWHERE;
        }
        try (var inner = socket.get()) {
            inner.choice("protocol", Protocol.TCP);
            inner.refuse("named_port", "write port_value");
            inner.refuse("resolver_name", "the operating system's resolver is used");
            inner.refuse("ipv4_compat", "write one listener for each family");
            return new Address.Tcp(inner.required("address"), inner.integer("port_value", 0, 0, 65535));
        }
    }
}
