// SPDX-License-Identifier: Apache-2.0
package io.countersign.workloadapi;

import java.net.URI;
import java.nio.file.Path;

/** Where the Workload API listens (SPIFFE Workload Endpoint, section 4): an absolute path on this machine. */
final class EndpointAddress {
    static final String VARIABLE = "SPIFFE_ENDPOINT_SOCKET";

    private EndpointAddress() {}

    /** Reads {@code unix:///path} or {@code unix:/path}; a bare absolute path counts as well, as agents' configurations hold it. */
    static Path parse(String address) {
        if (address.startsWith("/")) {
            return Path.of(address);
        }
        var uri = uri(address);
        var path = uri.getPath();
        boolean plain = uri.getRawAuthority() == null && uri.getRawQuery() == null && uri.getRawFragment() == null;
        if (!"unix".equals(uri.getScheme()) || path == null || !path.startsWith("/") || !plain) {
            throw wrong(address);
        }
        return Path.of(path);
    }

    private static URI uri(String address) {
        try {
            return URI.create(address);
        } catch (IllegalArgumentException e) {
            throw wrong(address);
        }
    }

    private static IllegalArgumentException wrong(String address) {
        return new IllegalArgumentException(
                "\"" + address + "\" is no address of a Workload API, expected unix:///path/of/the/socket");
    }
}
