// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.kubernetes;

import io.countersign.spiffe.json.Json;
import java.io.IOException;
import java.util.List;

/**
 * What an API server says of a token.
 *
 * @param audiences of those asked for, the ones that it counts for
 * @param user nothing but empty where it does not count
 */
public record TokenReview(boolean authenticated, List<String> audiences, User user) {
    private static final String EXTRA = "authentication.kubernetes.io/";

    public TokenReview {
        audiences = List.copyOf(audiences);
    }

    /**
     * Whose token it is.
     *
     * @param podNames of the pod that the token is bound to; one, if it is bound
     * @param podUids likewise
     */
    public record User(String name, List<String> podNames, List<String> podUids) {
        private static final int PARTS = 4;

        public User {
            podNames = List.copyOf(podNames);
            podUids = List.copyOf(podUids);
        }

        /**
         * What the name of a service account is made of.
         *
         * @throws IllegalArgumentException if the user is none
         */
        public ServiceAccount serviceAccount() {
            if (name.isEmpty()) {
                throw new IllegalArgumentException("empty username");
            }
            var parts = name.split(":", -1);
            if (parts.length != PARTS) {
                throw new IllegalArgumentException("unexpected username format: " + name);
            }
            if (parts[2].isEmpty()) {
                throw new IllegalArgumentException("missing namespace");
            }
            if (parts[3].isEmpty()) {
                throw new IllegalArgumentException("missing service account name");
            }
            return new ServiceAccount(parts[2], parts[3]);
        }
    }

    /** An account for programs. */
    public record ServiceAccount(String namespace, String name) {
        /** {@code namespace:name}. */
        @Override
        public String toString() {
            return namespace + ":" + name;
        }
    }

    static TokenReview of(Json object) throws IOException {
        var status = Fields.at(object, "status");
        var error = Fields.text(status, "error");
        if (!error.isEmpty()) {
            throw new IOException("token review API response contains an error: " + error);
        }
        var user = Fields.at(status, "user");
        return new TokenReview(
                Fields.isTrue(status, "authenticated"),
                Fields.texts(status, "audiences"),
                new User(
                        Fields.text(user, "username"),
                        Fields.texts(user, "extra", EXTRA + "pod-name"),
                        Fields.texts(user, "extra", EXTRA + "pod-uid")));
    }
}
