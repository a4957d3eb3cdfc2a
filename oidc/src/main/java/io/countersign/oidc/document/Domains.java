// SPDX-License-Identifier: Apache-2.0
package io.countersign.oidc.document;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The host names under which the provider may be asked: who lets a verifier ask by another name could make up an issuer.
 *
 * @param names each once, in ASCII and lower case
 */
public record Domains(Set<String> names) {
    /** @throws IllegalArgumentException if one of them is no domain name */
    public Domains {
        names.stream().flatMap(name -> wrong(name).stream()).findFirst().ifPresent(why -> {
            throw new IllegalArgumentException(why);
        });
        names = Set.copyOf(names);
    }

    public static Domains of(Collection<String> names) {
        return new Domains(new LinkedHashSet<>(names));
    }

    /** Why a request to that host is not answered; nothing if it is. A port does not count. */
    Optional<String> refusal(String host) {
        var domain = withoutPort(host);
        return names.contains(domain)
                ? Optional.empty()
                : wrong(domain).or(() -> Optional.of("domain \"" + domain + "\" is not allowed"));
    }

    private static String withoutPort(String host) {
        int colon = host.lastIndexOf(':');
        if (host.startsWith("[")) {
            return colon > 0 && host.charAt(colon - 1) == ']' ? host.substring(1, colon - 1) : host;
        }
        return colon < 0 || host.indexOf(':') != colon ? host : host.substring(0, colon);
    }

    /** What is wrong with a name, if anything; the words are the original's. */
    public static Optional<String> wrong(String domain) {
        var letters = domain.codePoints().filter(letter -> !isAllowed(letter)).findFirst();
        if (letters.isPresent()) {
            int letter = letters.getAsInt();
            boolean needsEncoding = letter > 0x7f || Character.isUpperCase(letter);
            return Optional.of(
                    needsEncoding
                            ? "domain \"" + domain + "\" must already be punycode encoded"
                            : notValid(domain, "disallowed rune U+%04X".formatted(letter)));
        }
        for (var label : domain.split("\\.")) {
            boolean misplaced = label.length() >= 4 && label.startsWith("--", 2) && !label.startsWith("xn--");
            if (label.startsWith("-") || label.endsWith("-") || misplaced) {
                return Optional.of(notValid(domain, "invalid label \"" + label + "\""));
            }
        }
        return Optional.empty();
    }

    private static boolean isAllowed(int letter) {
        return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '-' || letter == '.';
    }

    private static String notValid(String domain, String why) {
        return "domain \"" + domain + "\" is not a valid domain name: idna: " + why;
    }
}
