// SPDX-License-Identifier: Apache-2.0
package io.countersign.backend.database;

import io.countersign.spiffe.SpiffeId;
import java.time.Duration;
import java.util.Properties;

/** Which database, as whom, and how many sessions. */
public record DatabaseSettings(Address address, IdentityFiles files, SpiffeId server, Limits limits) {
    private static final int CONNECT_SECONDS = 5;
    private static final int ANSWER_SECONDS = 8;

    public record Address(String host, int port, String database, String user) {}

    /** @param life the longest that a session is used */
    public record Limits(int open, int idle, Duration life) {}

    String url() {
        // an IPv6 address is bracketed in a URL
        var host = address.host().contains(":") ? "[" + address.host() + "]" : address.host();
        return "jdbc:postgresql://" + host + ":" + address.port() + "/";
    }

    /**
     * The driver's settings. {@code verify-full} makes it verify the chain and then ask our class in place of comparing
     * host names, which an SVID need not have.
     */
    Properties properties() {
        var properties = new Properties();
        properties.setProperty("PGDBNAME", address.database());
        properties.setProperty("user", address.user());
        properties.setProperty("sslmode", "verify-full");
        properties.setProperty("sslcert", files.certificate().toString());
        properties.setProperty("sslkey", files.key().toString());
        properties.setProperty("sslrootcert", files.authorities().toString());
        // the driver's default is RSA
        properties.setProperty("pemKeyAlgorithm", "EC");
        properties.setProperty("sslhostnameverifier", ServerIdentityCheck.class.getName());
        properties.setProperty(ServerIdentityCheck.EXPECTED_ID, server.toString());
        properties.setProperty("connectTimeout", String.valueOf(CONNECT_SECONDS));
        properties.setProperty("socketTimeout", String.valueOf(ANSWER_SECONDS));
        properties.setProperty("ApplicationName", "countersign-backend");
        return properties;
    }
}
