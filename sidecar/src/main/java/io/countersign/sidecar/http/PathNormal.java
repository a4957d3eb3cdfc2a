// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.http;

import io.countersign.sidecar.bootstrap.HttpConnections.Paths;
import java.util.ArrayDeque;
import java.util.Optional;

/** Makes paths that mean the same look the same, before any rule looks at them (RFC 3986, section 6). */
final class PathNormal {
    private PathNormal() {}

    /** The path with its query; empty if it leaves the root or is badly encoded. */
    static Optional<String> of(String target, Paths paths) {
        int end = target.indexOf('?');
        var path = end < 0 ? target : target.substring(0, end);
        var query = end < 0 ? "" : target.substring(end);
        if (paths.normalize()) {
            var decoded = unreserved(path);
            if (decoded.isEmpty() || !decoded.get().startsWith("/")) {
                return Optional.empty();
            }
            path = withoutDots(decoded.get());
        }
        if (paths.mergeSlashes()) {
            path = path.replaceAll("/{2,}", "/");
        }
        return Optional.of(path + query);
    }

    /** Decodes what need not be encoded, and nothing else; a backslash counts as a slash, as browsers have it. */
    private static Optional<String> unreserved(String path) {
        var out = new StringBuilder(path.length());
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c == '%') {
                int value = i + 2 < path.length() ? hex(path.charAt(i + 1), path.charAt(i + 2)) : -1;
                if (value <= 0) {
                    return Optional.empty();
                }
                char decoded = (char) value;
                if (value < 0x80 && (Character.isLetterOrDigit(decoded) || "-._~".indexOf(decoded) >= 0)) {
                    out.append(decoded);
                } else {
                    out.append(path, i, i + 3);
                }
                i += 2;
            } else {
                out.append(c == '\\' ? '/' : c);
            }
        }
        return Optional.of(out.toString());
    }

    private static int hex(char high, char low) {
        int a = Character.digit(high, 16);
        int b = Character.digit(low, 16);
        return a < 0 || b < 0 ? -1 : a * 16 + b;
    }

    private static String withoutDots(String path) {
        var kept = new ArrayDeque<String>();
        var segments = path.substring(1).split("/", -1);
        for (int i = 0; i < segments.length; i++) {
            boolean last = i == segments.length - 1;
            switch (segments[i]) {
                case "." -> {
                    if (last) {
                        kept.addLast("");
                    }
                }
                case ".." -> {
                    kept.pollLast();
                    if (last) {
                        kept.addLast("");
                    }
                }
                default -> kept.addLast(segments[i]);
            }
        }
        return "/" + String.join("/", kept);
    }
}
