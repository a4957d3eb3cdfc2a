// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.notify;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.time.Duration;
import java.util.OptionalInt;

/**
 * An empty POST that has to be answered well.
 *
 * @param url with http or https
 * @param status that is expected; if absent, any from 200 to 299
 * @param limit for the connection and again for the answer
 */
public record HttpNotice(URI url, OptionalInt status, Duration limit) implements Notice {
    private static final int FIRST_GOOD = 200;
    private static final int FIRST_NOT_GOOD = 300;

    @Override
    public void tell() throws IOException {
        if (!(url.toURL().openConnection() instanceof HttpURLConnection connection)) {
            throw new IOException(this + " is no HTTP");
        }
        try {
            connection.setRequestMethod("POST");
            connection.setConnectTimeout((int) limit.toMillis());
            connection.setReadTimeout((int) limit.toMillis());
            connection.setInstanceFollowRedirects(false);
            connection.setDoOutput(true);
            connection.getOutputStream().close();
            int answered = connection.getResponseCode();
            if (status.isPresent()
                    ? answered != status.getAsInt()
                    : answered < FIRST_GOOD || answered >= FIRST_NOT_GOOD) {
                throw new IOException("%s was answered with %d, expected %s"
                        .formatted(this, answered, status.isPresent() ? status.getAsInt() : "200 to 299"));
            }
        } finally {
            connection.disconnect();
        }
    }

    /** Without the query, which may hold a secret. */
    @Override
    public String toString() {
        return "POST " + url.getScheme() + "://" + url.getHost() + (url.getPort() < 0 ? "" : ":" + url.getPort())
                + url.getPath();
    }
}
