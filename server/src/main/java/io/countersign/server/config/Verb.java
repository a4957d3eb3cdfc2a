// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.config;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What a role can allow, in the words of the block {@code roles}: a noun, a dot, and what is done. */
public enum Verb {
    ENTRY_READ,
    ENTRY_CREATE,
    ENTRY_UPDATE,
    ENTRY_DELETE,
    /** Entries that make their programs administrators or servers below; beside the verb for the change itself. */
    ENTRY_PRIVILEGE,
    AGENT_READ,
    AGENT_BAN,
    AGENT_DELETE,
    TOKEN_CREATE,
    MINT_X509,
    MINT_JWT,
    MINT_WIT,
    BUNDLE_READ,
    BUNDLE_APPEND,
    BUNDLE_CREATE,
    BUNDLE_UPDATE,
    BUNDLE_SET,
    BUNDLE_DELETE,
    FEDERATION_READ,
    FEDERATION_CREATE,
    FEDERATION_UPDATE,
    FEDERATION_DELETE,
    FEDERATION_REFRESH,
    AUTHORITY_READ,
    AUTHORITY_PREPARE,
    AUTHORITY_ACTIVATE,
    AUTHORITY_TAINT,
    AUTHORITY_REVOKE,
    LOGGER_READ,
    LOGGER_SET,
    DEBUG_READ;

    /** Such as {@code entry.create}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '.');
    }

    /** Whether it changes and gives out nothing. */
    public boolean isRead() {
        return name().endsWith("_READ");
    }

    /**
     * One verb, all with a noun ({@code entry.*}), or all ({@code *}); none if there is none of that name.
     *
     * @param pattern as in the file
     */
    static Set<Verb> matching(String pattern) {
        var found = EnumSet.noneOf(Verb.class);
        for (var verb : values()) {
            var word = verb.toString();
            boolean family = pattern.endsWith(".*") && word.startsWith(pattern.substring(0, pattern.length() - 1));
            if (pattern.equals("*") || family || pattern.equals(word)) {
                found.add(verb);
            }
        }
        return found;
    }

    static List<String> words() {
        return Arrays.stream(values()).map(Verb::toString).toList();
    }
}
