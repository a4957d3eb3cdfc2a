// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.http;

import java.util.regex.Pattern;

/** Whom a request is for, as a host header, {@code :authority} or a target in absolute form says it. */
final class Authority {
    /** Those of RFC 3986, section 3.2, without user information, which has no place in HTTP (RFC 9110, section 4.2.4). */
    private static final Pattern SOUND = Pattern.compile("[A-Za-z0-9\\-._~%!$&'()*+,;=:\\[\\]]*");

    private static final Pattern WITH_PORT =
            Pattern.compile("(?<host>[^:\\[\\]]+|\\[[^\\[\\]]+])(:(?<port>[0-9]{1,5}))?");
    private static final int LAST_PORT = 65_535;

    private Authority() {}

    /** Whether all programs that read it see one host in it; an empty one is for others to judge. */
    static boolean isSound(CharSequence authority) {
        return SOUND.matcher(authority).matches();
    }

    /** Whether a target in absolute form names a host, and a path that cannot be taken for a part of it. */
    static boolean isSoundIn(String target) {
        var rest = target.substring(target.indexOf("://") + "://".length());
        int end = (int)
                rest.chars().takeWhile(letter -> "/?#\\".indexOf(letter) < 0).count();
        var authority = WITH_PORT.matcher(rest.substring(0, end));
        return isSound(rest.substring(0, end))
                && authority.matches()
                && (authority.group("port") == null || Integer.parseInt(authority.group("port")) <= LAST_PORT)
                && (end == rest.length() || rest.charAt(end) == '/');
    }
}
