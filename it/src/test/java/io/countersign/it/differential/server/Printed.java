// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.server;

import io.countersign.it.differential.Answer;
import java.util.List;
import java.util.Map.Entry;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * What a command has printed, with words in the place of keys, certificates, tokens, random ids, serial numbers and times.
 * Where it ends with how the command is used, that is taken as the list of the flags that it names.
 */
final class Printed {
    private static final List<Entry<Pattern, String>> BY_NATURE = List.of(
            word("-----BEGIN ([A-Z ]+)-----[A-Za-z0-9+/=\\s]+-----END \\1-----", "PEM of a $1"),
            word("\\beyJ[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+", "JWT"),
            word("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UUID"),
            word("\"[A-Za-z0-9+/]{80,}={0,2}\"", "\"BASE64\""),
            word("\"(kid|key_id|x|y)\": ?\"[A-Za-z0-9_-]{32,}\"", "\"$1\":\"KEY\""),
            word("\"(expires_at|issued_at|created_at|x509svid_expires_at)\":\"1[0-9]{9}\"", "\"$1\":\"TIME\""),
            word("\"(sequence_number|spiffe_sequence)\": ?\"?[0-9]+\"?", "\"$1\":NUMBER"),
            word("\"authority_id\":\"[A-Za-z0-9]+\"", "\"authority_id\":\"ID\""),
            word("(Authority ID: )[A-Za-z0-9]{32,}", "$1ID"),
            word("(Expires at: )20[0-9]{2}-[0-9-]+ [0-9:]+ (.*)", "$1TIME $2"),
            word("\"x509svid_serial_number\":\"[0-9]+\"", "\"x509svid_serial_number\":\"SERIAL\""),
            word("(Serial number +: )[0-9]+", "$1SERIAL"),
            word("(Expiration time +: )20[0-9]{2}-[0-9-]+ [0-9:]+ (.*)", "$1TIME $2"),
            word("expires \"[0-9T:Z-]+\"", "expires \"TIME\""),
            word("(Uptime: +)[0-9hms]+", "$1TIME"),
            word("\"uptime\":[0-9]+", "\"uptime\":TIME"),
            word("(Expires At: )[0-9T:Z-]+", "$1TIME"),
            word("SERIALNUMBER=[0-9]+", "SERIALNUMBER=N"));
    private static final Pattern USAGE = Pattern.compile("(?m)^Usage.*", Pattern.DOTALL);
    private static final Pattern FLAG = Pattern.compile("(?m)^ +(?:-h, )?--?([A-Za-z0-9]+)");

    private Printed() {}

    private static Entry<Pattern, String> word(String pattern, String word) {
        return java.util.Map.entry(Pattern.compile(pattern), word);
    }

    /** @param names puts words in the place of paths and the like */
    static Answer of(String text, UnaryOperator<String> names) {
        var usage = USAGE.matcher(text);
        if (!usage.find()) {
            return Answer.empty().with("text", names.apply(plain(text)));
        }
        var flags = new TreeSet<String>();
        FLAG.matcher(usage.group()).results().forEach(flag -> flags.add(flag.group(1)));
        // both sides take these and only ours names them here
        flags.removeAll(List.of("help", "version"));
        return Answer.empty()
                .with("text", names.apply(plain(text.substring(0, usage.start()))))
                .with("flags", flags);
    }

    private static String plain(String text) {
        var plain = text;
        for (var one : BY_NATURE) {
            plain = one.getKey().matcher(plain).replaceAll(one.getValue());
        }
        return plain;
    }
}
