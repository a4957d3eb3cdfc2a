// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.http;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AuthorityTest {
    @ParameterizedTest
    @ValueSource(strings = {"", "app.test", "app_1.test:8080", "[::1]:80", "a%20b", "127.0.0.1"})
    void whatNamesOneHostIsSound(String authority) {
        assertTrue(Authority.isSound(authority));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a b", "a\tb", "a/b", "a?b", "a#b", "a\\b", "user@a", "<a>", "\u00e4.test", "a\r\nx: y", "a\0"})
    void whatMayBeReadInTwoWaysIsNot(String authority) {
        assertFalse(Authority.isSound(authority));
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://a", "http://a/b?c", "https://a:443/", "http://[::1]:80/"})
    void targetThatNamesAHostIsSound(String target) {
        assertTrue(Authority.isSoundIn(target));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://",
                "http:///b",
                "http://a?b",
                "http://a#b",
                "http://a\\b",
                "http://u@a/",
                "http://a:99999/",
                "http://a:x/",
                "http://a:/",
                "http://[::1/"
            })
    void targetWhoseHostMayBeReadInTwoWaysIsNot(String target) {
        assertFalse(Authority.isSoundIn(target));
    }
}
