// SPDX-License-Identifier: Apache-2.0
package io.countersign.oidc.document;

/** Where the documents are below a prefix. */
public final class Paths {
    private Paths() {}

    /** One slash between the two, and one at the beginning. */
    public static String join(String prefix, String path) {
        var before = prefix.endsWith("/") ? prefix.substring(0, prefix.length() - 1) : prefix;
        return before + "/" + path;
    }
}
