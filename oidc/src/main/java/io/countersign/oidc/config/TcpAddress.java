// SPDX-License-Identifier: Apache-2.0
package io.countersign.oidc.config;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.regex.Pattern;

/**
 * An address to listen on as Go writes it.
 *
 * @param host a name or an address; empty for all of this machine's
 * @param port 0 for any that is free
 */
public record TcpAddress(String host, int port) {
    private static final Pattern FORM = Pattern.compile("(?:\\[([0-9a-fA-F:.]*)]|([^:\\[\\]]*)):([0-9]{1,5})");
    private static final int HIGHEST_PORT = 65535;

    /** @throws IllegalArgumentException if the port is missing or no number */
    static TcpAddress parse(String text) {
        var matcher = FORM.matcher(text);
        if (matcher.matches()) {
            int port = Integer.parseInt(matcher.group(3));
            var host = matcher.group(1) != null ? matcher.group(1) : matcher.group(2);
            if (port <= HIGHEST_PORT) {
                return new TcpAddress(host, port);
            }
        }
        throw new IllegalArgumentException("\"" + text + "\" is no address, expected host:port or :port, such as :443");
    }

    /** @throws IOException if the name is not known */
    public InetSocketAddress resolve() throws IOException {
        var address = host.isEmpty() ? new InetSocketAddress(port) : new InetSocketAddress(host, port);
        if (address.isUnresolved()) {
            throw new IOException("the host of " + this + " is not known");
        }
        return address;
    }

    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
